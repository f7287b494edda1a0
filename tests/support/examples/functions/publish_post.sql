DECLARE
  post posts;
BEGIN
  SELECT p.* INTO post FROM posts AS p WHERE p.tenant_id = p_tenant_id AND p.id = p_post_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF post.status <> 'published' THEN
    UPDATE posts AS p SET status = 'published', published_at = now(), updated_at = now()
      WHERE p.tenant_id = p_tenant_id AND p.id = p_post_id
      RETURNING p.* INTO post;
    INSERT INTO notifications (tenant_id, account_id, post_id, message)
      SELECT p_tenant_id, f.account_id, post.id, 'New post: ' || post.title
        FROM followers AS f WHERE f.tenant_id = p_tenant_id AND f.author_id = post.author_id;
  END IF;
  RETURN NEXT post;
END
