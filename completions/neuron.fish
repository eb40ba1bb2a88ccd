# Printed by `neuron describe --completions`; edit the command's row instead.
function __neuron_at
    set -l tokens (commandline -opc)
    set -l path
    for token in $tokens[2..]
        string match -q -- '-*' $token; or set -a path $token
    end
    set -l wanted (string split -n ' ' -- $argv[1])
    test "$path[1..(count $wanted)]" = "$wanted"; or test -z "$argv[1]" -a (count $path) -eq 0
end
complete -c neuron -n '__neuron_at ""' -f -a compile -d 'Compile an ONNX model to a NEFF'
complete -c neuron -n '__neuron_at ""' -f -a packager -d 'Look into NEFF packages, take them apart and make them'
complete -c neuron -n '__neuron_at ""' -f -a profile -d 'Record where the time of a NEFF goes, and look at it'
complete -c neuron -n '__neuron_at ""' -f -a disassemble -d 'Print the instructions of a NEFF, engine by engine'
complete -c neuron -n '__neuron_at ""' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at ""' -l version -d 'print the version and exit'
complete -c neuron -n '__neuron_at "compile"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "compile"' -s o -l output -r -d 'NEFF to write; MODEL.neff in the current directory when not given'
complete -c neuron -n '__neuron_at "compile"' -l target -r -f -a 'trn1 inf2 trn2' -d 'what to compile for'
complete -c neuron -n '__neuron_at "compile"' -l dim -r -d 'size of a dimension that the model leaves open; repeatable'
complete -c neuron -n '__neuron_at "compile"' -l name -r -d 'name of the network in the package; the model'\''s file name when not given'
complete -c neuron -n '__neuron_at "compile"' -l dump-graph -d 'print the graph after all passes'
complete -c neuron -n '__neuron_at "packager"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "profile"' -f -a view -d 'Show where the time of a captured execution went'
complete -c neuron -n '__neuron_at "profile"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "profile view"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "profile view"' -s n -l neff-path -r -d 'package that was captured: it holds the names'
complete -c neuron -n '__neuron_at "profile view"' -s s -l session-file -r -d 'trace to view'
complete -c neuron -n '__neuron_at "profile view"' -l output-format -r -d 'db (keep and serve), summary-text, summary-json, json or perfetto'
complete -c neuron -n '__neuron_at "profile view"' -l output-file -r -d 'where to write; by default standard output for summaries, ntff.json and ntff.pftrace; - is standard output'
complete -c neuron -n '__neuron_at "profile view"' -l display-name -r -d 'name in the list of profiles'
complete -c neuron -n '__neuron_at "profile view"' -l data-path -r -d 'directory that keeps profiles'
complete -c neuron -n '__neuron_at "profile view"' -l force -d 'replace a profile that is already kept'
complete -c neuron -n '__neuron_at "profile view"' -l ingest-only -d 'keep the profile and end, without serving'
complete -c neuron -n '__neuron_at "profile view"' -l host -r -d 'address to serve on'
complete -c neuron -n '__neuron_at "profile view"' -l port -r -d 'port to serve on'
complete -c neuron -n '__neuron_at "profile view"' -l show-preamble -d 'also show what the runtime did before and after the model'
complete -c neuron -n '__neuron_at "profile view"' -l terminology -d 'print what each metric means, and end'
complete -c neuron -n '__neuron_at "profile view"' -s d -l session-dir -r -d 'directory of traces (not built)'
complete -c neuron -n '__neuron_at "profile view"' -l db-endpoint -r -d 'address of an InfluxDB (not built)'
complete -c neuron -n '__neuron_at "profile view"' -l db-org -r -d 'organisation in InfluxDB (not built)'
complete -c neuron -n '__neuron_at "profile view"' -l db-bucket -r -d 'bucket in InfluxDB (not built)'
complete -c neuron -n '__neuron_at "disassemble"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "disassemble"' -l engine -r -f -a 'pe act pool dve sp' -d 'only the program of this engine'
complete -c neuron -n '__neuron_at "disassemble"' -l subgraph -r -d 'only this subgraph, such as sg00'
complete -c neuron -n '__neuron_at "disassemble"' -l json -d 'one JSON object a line'
