# The API of a real server, W1 to W8 of the acceptance suite: one test a case, see the scripts.
foreach(case IN ITEMS document matrix methods sessions timeouts throttle content people terminal csrf
        tls random audit secrets paging etags stream load)
    add_test(NAME e2e/api_${case} COMMAND ${HN_RUN} python3
        ${CMAKE_CURRENT_SOURCE_DIR}/api/api.py $<TARGET_FILE:hinomi> ${case})
    set_tests_properties(e2e/api_${case} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endforeach()
