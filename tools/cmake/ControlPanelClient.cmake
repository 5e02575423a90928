# The client of the CloudLinux scripts: one static program under several names. It has flags of its own, because what makes it start
# fast (no exceptions, no run-time types, no shared libraries) is not for the rest.
file(GLOB cpapi_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cli/cpapi/*.cc ${CMAKE_SOURCE_DIR}/common/cpapi/*.cc)

function(bulkhead_cpapi_client name)
  add_executable(${name} ${cpapi_sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE ${ARGN})
  target_link_libraries(${name} PRIVATE bulkhead_flags)
  if(NOT BULKHEAD_SANITIZERS) # their run-time libraries cannot be linked statically
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -Os -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables -fno-pie -ffunction-sections)
    target_link_options(${name} PRIVATE -static -no-pie -Wl,--gc-sections)
  endif()
endfunction()

bulkhead_cpapi_client(bulkhead-cpapi)

# A package of its own: cmake --install DIR --component cloudlinux. One file under two paths, because CageFS shares /opt with every
# user, and what proxyexec starts must not lie in a shared directory.
set(cpapi_bin /opt/cpvendor/bin)
install(PROGRAMS $<TARGET_FILE:bulkhead-cpapi> DESTINATION ${cpapi_bin} RENAME cpapi COMPONENT cloudlinux EXCLUDE_FROM_ALL)
install(PROGRAMS $<TARGET_FILE:bulkhead-cpapi> DESTINATION /usr/libexec/bulkhead RENAME cpapi-domains COMPONENT cloudlinux EXCLUDE_FROM_ALL)
foreach(link panel_info db_info packages users domains resellers admins php cpapi-ui-user-info domains-elevated)
  install(CODE "file(MAKE_DIRECTORY \"\$ENV{DESTDIR}${cpapi_bin}\")
file(CREATE_LINK cpapi \"\$ENV{DESTDIR}${cpapi_bin}/${link}\" SYMBOLIC)" COMPONENT cloudlinux EXCLUDE_FROM_ALL)
endforeach()
install(FILES systemd/bulkhead-cpapi.socket DESTINATION /lib/systemd/system COMPONENT cloudlinux EXCLUDE_FROM_ALL)
install(FILES sudoers/bulkhead-cpapi DESTINATION /etc/sudoers.d PERMISSIONS OWNER_READ GROUP_READ COMPONENT cloudlinux EXCLUDE_FROM_ALL)
