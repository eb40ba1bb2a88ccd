# Writes the files of the page into a C++ source. At configure time this file is included with TARGET
# set and adds the rules; at build time the second of them runs it with -P.
if(CMAKE_SCRIPT_MODE_FILE)
  set(rows "")
  set(text "// Made by lib/view/web/embed.cmake.\n#include \"view/web/assets.h\"\n\nnamespace neuron::view {\nnamespace {\n")
  foreach(pair "${FOLDER}/index.html|text/html; charset=utf-8"
               "${FOLDER}/style.css|text/css; charset=utf-8" "${FOLDER}/icon.svg|image/svg+xml"
               "${SCRIPT}|text/javascript; charset=utf-8")
    string(REGEX MATCH "^([^|]+)\\|(.*)$" _ "${pair}")
    set(path "${CMAKE_MATCH_1}")
    set(type "${CMAKE_MATCH_2}")
    get_filename_component(name "${path}" NAME)
    string(MAKE_C_IDENTIFIER "k_${name}" symbol)
    file(READ "${path}" hex HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," hex "${hex}")
    string(APPEND text "constexpr char ${symbol}[] = {\n${hex}\n};\n")
    string(APPEND rows "    {\"${name}\", \"${type}\", {${symbol}, sizeof ${symbol}}},\n")
  endforeach()
  string(APPEND text "constexpr Asset kAssets[] = {\n${rows}};\n}  // namespace\n\n"
                     "std::span<const Asset> assets() { return kAssets; }\n\n}  // namespace neuron::view\n")
  file(WRITE "${OUTPUT}" "${text}")
else()
  set(web ${CMAKE_CURRENT_LIST_DIR})
  file(GLOB web_scripts CONFIGURE_DEPENDS ${web}/*.js)
  set(web_script ${PROJECT_BINARY_DIR}/generated/page.js)
  set(web_output ${PROJECT_BINARY_DIR}/generated/view_assets.cpp)
  add_custom_command(
    OUTPUT ${web_script}
    COMMAND ${ESBUILD} ${web}/app.js --bundle --format=esm --minify --charset=utf8
            --log-level=warning --outfile=${web_script}
    DEPENDS ${web_scripts}
    COMMENT "Bundling the scripts of the page" VERBATIM)
  add_custom_command(
    OUTPUT ${web_output}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${web} -DOUTPUT=${web_output} -DSCRIPT=${web_script}
            -P ${web}/embed.cmake
    DEPENDS ${web_script} ${web}/index.html ${web}/style.css ${web}/icon.svg ${web}/embed.cmake
    COMMENT "Embedding the timeline page" VERBATIM)
  target_sources(neuron_view PRIVATE ${web_output})
endif()
