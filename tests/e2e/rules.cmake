# hinomi rules ...: one script per command, in an empty folder of its own.
file(GLOB rules_scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/rules/*.sh)
list(REMOVE_ITEM rules_scripts ${CMAKE_CURRENT_LIST_DIR}/rules/lib.sh)
foreach(script IN LISTS rules_scripts)
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME e2e/rules/${name} COMMAND sh ${script})
    set_tests_properties(e2e/rules/${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
        ENVIRONMENT "HINOMI=$<TARGET_FILE:hinomi>;SOURCE=${CMAKE_SOURCE_DIR};HN_SHARED=${CMAKE_SOURCE_DIR}/../shared")
endforeach()
