# embed(NAME FOLDER PATTERN): the files become a table in the program, so that an installed program
# needs no data folder. A file's name is its path below the folder. C side: base/embed.h, EMBED_TABLE(NAME).
function(embed name folder pattern)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/${pattern})
  set(output ${CMAKE_BINARY_DIR}/embed/${name}.c)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DOUTPUT=${output} -DFOLDER=${folder} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_write.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_write.cmake
    VERBATIM)
  set_source_files_properties(${output} PROPERTIES INCLUDE_DIRECTORIES ${CMAKE_SOURCE_DIR}/common)
  set(EMBED_${name} ${output} PARENT_SCOPE)
endfunction()
