# The Debian package: `cpack --config build/release/CPackConfig.cmake -B DIR`. What a plain `cmake --install` leaves out
# (units, settings in /etc) is its own component.
install(FILES deploy/systemd/cartage-producer.service deploy/systemd/cartage-worker@.service
        DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES deploy/debian/cartage.conf DESTINATION /etc/cartage
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ COMPONENT service EXCLUDE_FROM_ALL)
install(FILES deploy/debian/producer.env deploy/debian/worker.env DESTINATION /etc/cartage
        PERMISSIONS OWNER_READ OWNER_WRITE COMPONENT service EXCLUDE_FROM_ALL)
install(DIRECTORY docs/ DESTINATION share/doc/cartage COMPONENT service EXCLUDE_FROM_ALL PATTERN *.png EXCLUDE)

file(WRITE ${CMAKE_BINARY_DIR}/debian/conffiles
     "/etc/cartage/cartage.conf\n/etc/cartage/producer.env\n/etc/cartage/worker.env\n")
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_SET_DESTDIR ON) # or /etc would be this machine's
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "cartage <cartage@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, passwd, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "redis-server (>= 5:7.0)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_BINARY_DIR}/debian/conffiles ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
    ${CMAKE_SOURCE_DIR}/deploy/debian/prerm ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
