# Acceptance: faults and load. Each in its short form; docs/reliability.md has the full ones.
foreach(test IN ITEMS d1_faults d2_room l1_hold l3_burst l5_noisy p3_bombs r1_regex s2_network s3_clock)
    add_test(NAME acceptance/${test} COMMAND ${CMAKE_COMMAND} -E env
        XDG_CACHE_HOME=${CMAKE_BINARY_DIR}/cache HN_SHARED=${CMAKE_SOURCE_DIR}/../shared
        python3 ${CMAKE_CURRENT_LIST_DIR}/${test}.py $<TARGET_FILE:hinomi>
        --library $<TARGET_FILE:hn_faults>)
    set_tests_properties(acceptance/${test} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
endforeach()
# D1 can fail: a write to the journal that says it was done and was not must be found by the ledger.
add_test(NAME acceptance/d1_planted COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/d1_faults.py
    $<TARGET_FILE:hinomi> --library $<TARGET_FILE:hn_faults> --planted)
set_tests_properties(acceptance/d1_planted PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
add_custom_target(acceptance_libraries DEPENDS hn_faults hn_clock)
# P1: every target that the list of the network surface names is there.
add_test(NAME acceptance/p1_targets COMMAND sh -c "for t in $(sed -n '/^targets=/,/\"$/p' \
    ${CMAKE_SOURCE_DIR}/tools/fuzz_network | tr -d '\"' | sed 's/targets=//'); do \
    test -f ${CMAKE_SOURCE_DIR}/fuzz/fuzz_$t.c || { echo $t; exit 1; }; done")
