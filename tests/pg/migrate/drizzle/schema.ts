// Tables as a Drizzle project declares them, with the columns that its documentation shows.
import { sql } from "drizzle-orm";
import {
  bigint, boolean, check, date, doublePrecision, index, integer, jsonb, numeric, pgEnum, pgTable,
  primaryKey, serial, smallint, text, time, timestamp, unique, uuid, varchar,
} from "drizzle-orm/pg-core";

export const role = pgEnum("role", ["admin", "editor", "reader"]);

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    fullName: text("full_name").notNull(),
    email: varchar("email", { length: 256 }).notNull().unique(),
    role: role("role").default("reader").notNull(),
    age: smallint("age"),
    isActive: boolean("is_active").default(true).notNull(),
    settings: jsonb("settings").default({}).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).defaultNow().notNull(),
    seenAt: timestamp("seen_at"),
  },
  (table) => [check("users_email_check1", sql`${table.email} <> ''`)],
);

export const posts = pgTable(
  "posts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    authorId: uuid("author_id").notNull().references(() => users.id, { onDelete: "cascade" }),
    slug: text("slug").notNull(),
    body: text("body"),
    words: integer("words").default(0).notNull(),
    views: bigint("views", { mode: "number" }).notNull(),
    price: numeric("price", { precision: 10, scale: 2 }),
    score: doublePrecision("score"),
    day: date("day"),
    at: time("at"),
    tags: text("tags").array().notNull().default(sql`'{}'::text[]`),
  },
  (table) => [
    index("posts_author_idx").on(table.authorId),
    unique("posts_slug_once").on(table.authorId, table.slug),
  ],
);

export const comments = pgTable("comments", {
  id: serial("id").primaryKey(),
  postId: uuid("post_id").notNull().references(() => posts.id),
  parentId: integer("parent_id"),
  text: text("text").notNull(),
});

export const likes = pgTable(
  "likes",
  {
    userId: uuid("user_id").notNull().references(() => users.id),
    postId: uuid("post_id").notNull().references(() => posts.id),
  },
  (table) => [primaryKey({ columns: [table.userId, table.postId] })],
);
