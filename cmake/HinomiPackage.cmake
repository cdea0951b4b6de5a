# What is installed where, and the Debian package (./dev deb). Manual pages and completion scripts are
# made by the program itself, from the tables that --help is made from.
include(GNUInstallDirs)

set(pages ${CMAKE_BINARY_DIR}/pages)
install(CODE "execute_process(COMMAND \"${CMAKE_SOURCE_DIR}/tools/make_pages\"
    \"$<TARGET_FILE:hinomi>\" \"${pages}\" COMMAND_ERROR_IS_FATAL ANY)")
install(TARGETS hinomi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${pages}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${pages}/completion/hinomi.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME hinomi)
install(FILES ${pages}/completion/hinomi.zsh
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _hinomi)
install(FILES ${pages}/completion/hinomi.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# data_dir() of the program looks for these beside its own folder.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/rules DESTINATION ${CMAKE_INSTALL_DATADIR}/hinomi)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/goodware DESTINATION ${CMAKE_INSTALL_DATADIR}/hinomi)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB root_documents ${CMAKE_SOURCE_DIR}/*.md)
install(FILES ${root_documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/logs ${CMAKE_SOURCE_DIR}/examples/lists
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${CMAKE_SOURCE_DIR}/examples/README.md ${CMAKE_SOURCE_DIR}/examples/indicators.txt
    ${CMAKE_SOURCE_DIR}/examples/expected.json DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${pages}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The service: in the package only, as it belongs into /etc and to systemd (component "service").
set(service COMPONENT service EXCLUDE_FROM_ALL)
set(packaging ${CMAKE_SOURCE_DIR}/packaging)
install(FILES ${packaging}/hinomi.service DESTINATION /usr/lib/systemd/system ${service})
install(FILES ${packaging}/hinomi.sysusers DESTINATION /usr/lib/sysusers.d RENAME hinomi.conf ${service})
install(FILES ${packaging}/hinomi.tmpfiles DESTINATION /usr/lib/tmpfiles.d RENAME hinomi.conf ${service})
install(FILES ${packaging}/hinomi.yaml DESTINATION /etc/hinomi ${service})
install(DIRECTORY DESTINATION /etc/hinomi/conf.d ${service})

set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};hinomi;ALL;/;${CMAKE_BINARY_DIR};hinomi;service;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME hinomi)
set(CPACK_PACKAGE_VENDOR Hinomi)
set(CPACK_PACKAGE_CONTACT "The Hinomi authors <hinomi@hinomi.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds attacks in logs with Sigma rules and indicators")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # libraries and their versions, from the program itself
# --tz reads /usr/share/zoneinfo; the last two make the user and its folders.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata, systemd | systemd-standalone-sysusers | systemd-sysusers, \
systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/conffiles ${packaging}/debian/postinst
    ${packaging}/debian/prerm ${packaging}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS bash-completion)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Hinomi reads logs of any kind (Windows event logs, JSON, syslog, proxies,
firewalls, web servers, auditd, Zeek, Suricata; also in archives), matches
all Sigma rules and indicators of compromise in one pass, correlates what
it finds, and says for each alert what matched where, why it matters and
what to check next, in English and Japanese.

`hinomi serve` does the same as logs come in: over syslog, HTTP
(Elasticsearch's and Splunk's protocols as well) and from files.

The package holds the program, its service, its own rules and an example
incident.")
include(CPack)
