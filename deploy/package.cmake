# What `cmake --install` and deploy/package.sh take: the programs, and under share/tenantry the folders as tenantryd looks
# for them beside it: proto (the schema language, what clients generate code from, the sample schema) and sql (its
# migrations and demo data).
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS tenantryd tenantry tenantry-load RUNTIME DESTINATION bin)
install(DIRECTORY proto sql DESTINATION share/tenantry FILES_MATCHING PATTERN *.proto PATTERN *.sql PATTERN *.textproto)
install(FILES LICENSE DESTINATION share/doc/tenantry RENAME copyright)
install(FILES README.md DESTINATION share/doc/tenantry)

# The package goes with one release of Debian, whose libraries it loads.
file(STRINGS /etc/os-release debian REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" debian "${debian}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tenantry)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "multi-tenant data service for PostgreSQL")
set(CPACK_PACKAGE_DESCRIPTION "tenantryd derives a typed gRPC API, migrations and row-level security from annotated .proto files.
 The command line client tenantry and the load tester tenantry-load come with it.")
set(CPACK_PACKAGE_CONTACT "Tenantry <root@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~deb${debian})
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For `tenantryd dev`; a server that serves has its database elsewhere.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql (>= 15)")
include(CPack)
