# Printed by `neuron describe --completions`; edit the command's row instead.
function __neuron_at
    set -l tokens (commandline -opc)
    set -l at ''
    switch (string replace -r '.*/' '' -- $tokens[1])
        case neuron-packager
            set at 'packager'
        case neuron-profile
            set at 'profile'
        case neuron-cc
            set at 'compile'
    end
    for token in $tokens[2..-1]
        set -l next (string trim -- "$at $token")
        contains -- $next 'compile' 'run' 'packager' 'packager create' 'packager info' 'packager optimize' 'packager unpack' 'profile' 'profile capture' 'profile view' 'disassemble'; and set at $next
    end
    test "$at" = "$argv[1]"
end
for program in neuron neuron-packager neuron-profile neuron-cc
    complete -c $program -n '__neuron_at ""' -f
    complete -c $program -n '__neuron_at ""' -a compile -d 'Compile an ONNX model to a NEFF'
    complete -c $program -n '__neuron_at ""' -a run -d 'Execute a NEFF on the simulated NeuronCores'
    complete -c $program -n '__neuron_at ""' -a packager -d 'Look into NEFF packages, take them apart and make them'
    complete -c $program -n '__neuron_at ""' -a profile -d 'Record where the time of a NEFF goes, and look at it'
    complete -c $program -n '__neuron_at ""' -a disassemble -d 'Print the instructions of a NEFF, engine by engine'
    complete -c $program -n '__neuron_at ""' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at ""' -l version -d 'print the version and exit'
    complete -c $program -n '__neuron_at "compile"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "compile"' -s o -l output -r -F -d 'NEFF to write; MODEL.neff in the current directory when not given'
    complete -c $program -n '__neuron_at "compile"' -l target -x -a 'trn1 inf2 trn2' -d 'what to compile for'
    complete -c $program -n '__neuron_at "compile"' -l dim -x -d 'size of a dimension that the model leaves open; repeatable'
    complete -c $program -n '__neuron_at "compile"' -l name -x -d 'name of the network in the package; the model'\''s file name when not given'
    complete -c $program -n '__neuron_at "compile"' -l dump-graph -d 'print the graph after all passes'
    complete -c $program -n '__neuron_at "run"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "run"' -s o -l output-dir -x -a '(__fish_complete_directories)' -d 'directory for outputs, made when missing'
    complete -c $program -n '__neuron_at "run"' -l npy -d 'write outputs as .npy arrays'
    complete -c $program -n '__neuron_at "run"' -l no-save -d 'write no outputs'
    complete -c $program -n '__neuron_at "run"' -l num-exec -x -d 'how often to execute'
    complete -c $program -n '__neuron_at "run"' -l top -x -d 'show the K largest elements of each output'
    complete -c $program -n '__neuron_at "run"' -l labels -r -F -d 'names of the elements for --top, a line each'
    complete -c $program -n '__neuron_at "run"' -l json -d 'report as JSON'
    complete -c $program -n '__neuron_at "packager"' -f
    complete -c $program -n '__neuron_at "packager"' -a create -d 'Put a header in front of an archive of NEFF members'
    complete -c $program -n '__neuron_at "packager"' -a info -d 'Show the header of a NEFF, its subgraphs and its CPU operators'
    complete -c $program -n '__neuron_at "packager"' -a optimize -d 'Replace NEFFs by versions that load faster'
    complete -c $program -n '__neuron_at "packager"' -a unpack -d 'Write the members of a NEFF to a directory'
    complete -c $program -n '__neuron_at "packager"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "packager"' -s v -l version -d 'print the version and exit'
    complete -c $program -n '__neuron_at "packager create"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "packager create"' -s i -l input -r -F -d 'archive of all members'
    complete -c $program -n '__neuron_at "packager create"' -s v -l tool-version -x -d 'version of the packaging tool'
    complete -c $program -n '__neuron_at "packager create"' -s k -l neff-version -x -d 'version of the NEFF, MAJOR.MINOR'
    complete -c $program -n '__neuron_at "packager create"' -s r -l header-version -x -d 'version of the header: 1 hashes with SHA-256, 2 with MD5'
    complete -c $program -n '__neuron_at "packager create"' -s n -l name -x -d 'name of the compiled model'
    complete -c $program -n '__neuron_at "packager create"' -s t -l num-nc -x -d 'NeuronCores that the graph needs'
    complete -c $program -n '__neuron_at "packager create"' -s o -l output -x -d 'name of the new file, without .neff'
    complete -c $program -n '__neuron_at "packager create"' -s e -l enable-feature -x -a 'bin-weights collectives-offset custom-ops coalesced-cc' -d 'feature that a runtime must know; may be given again'
    complete -c $program -n '__neuron_at "packager info"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "packager info"' -s w -l show-weights -d 'show weights'
    complete -c $program -n '__neuron_at "packager info"' -s s -l show-spills -d 'show spills'
    complete -c $program -n '__neuron_at "packager info"' -l json-output -d 'print JSON'
    complete -c $program -n '__neuron_at "packager optimize"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "packager optimize"' -l keep-debug -d 'keep debug information and prettified JSON members'
    complete -c $program -n '__neuron_at "packager unpack"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "packager unpack"' -s o -l output -x -a '(__fish_complete_directories)' -d 'directory to write to; by default the file'\''s name without .neff'
    complete -c $program -n '__neuron_at "profile"' -f
    complete -c $program -n '__neuron_at "profile"' -a capture -d 'Execute a NEFF and record a device trace'
    complete -c $program -n '__neuron_at "profile"' -a view -d 'Show where the time of a captured execution went'
    complete -c $program -n '__neuron_at "profile"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "profile capture"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "profile capture"' -s n -l neff -r -F -d 'compiled NEFF to profile'
    complete -c $program -n '__neuron_at "profile capture"' -s s -l session-file -r -F -d 'trace to write'
    complete -c $program -n '__neuron_at "profile capture"' -l num-exec -x -d 'how often to execute'
    complete -c $program -n '__neuron_at "profile capture"' -l profile-nth-exec -x -d 'which execution to trace; the last unless given'
    complete -c $program -n '__neuron_at "profile capture"' -l ignore-exec-errors -d 'go on after an execution that failed'
    complete -c $program -n '__neuron_at "profile view"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "profile view"' -s n -l neff-path -r -F -d 'package that was captured: it holds the names'
    complete -c $program -n '__neuron_at "profile view"' -s s -l session-file -r -F -d 'trace to view'
    complete -c $program -n '__neuron_at "profile view"' -l output-format -x -d 'db (keep and serve), summary-text, summary-json, json or perfetto'
    complete -c $program -n '__neuron_at "profile view"' -l output-file -r -F -d 'where to write; by default standard output for summaries, ntff.json and ntff.pftrace; - is standard output'
    complete -c $program -n '__neuron_at "profile view"' -l display-name -x -d 'name in the list of profiles'
    complete -c $program -n '__neuron_at "profile view"' -l data-path -x -a '(__fish_complete_directories)' -d 'directory that keeps profiles'
    complete -c $program -n '__neuron_at "profile view"' -l force -d 'replace a profile that is already kept'
    complete -c $program -n '__neuron_at "profile view"' -l ingest-only -d 'keep the profile and end, without serving'
    complete -c $program -n '__neuron_at "profile view"' -l host -x -d 'address to serve on'
    complete -c $program -n '__neuron_at "profile view"' -l port -x -d 'port to serve on'
    complete -c $program -n '__neuron_at "profile view"' -l show-preamble -d 'also show what the runtime did before and after the model'
    complete -c $program -n '__neuron_at "profile view"' -l terminology -d 'print what each metric means, and end'
    complete -c $program -n '__neuron_at "profile view"' -s d -l session-dir -x -a '(__fish_complete_directories)' -d 'directory of traces (not built)'
    complete -c $program -n '__neuron_at "profile view"' -l db-endpoint -x -d 'address of an InfluxDB (not built)'
    complete -c $program -n '__neuron_at "profile view"' -l db-org -x -d 'organisation in InfluxDB (not built)'
    complete -c $program -n '__neuron_at "profile view"' -l db-bucket -x -d 'bucket in InfluxDB (not built)'
    complete -c $program -n '__neuron_at "disassemble"' -s h -l help -d 'print this help and exit'
    complete -c $program -n '__neuron_at "disassemble"' -l engine -x -a 'pe act pool dve sp' -d 'only the program of this engine'
    complete -c $program -n '__neuron_at "disassemble"' -l subgraph -x -d 'only this subgraph, such as sg00'
    complete -c $program -n '__neuron_at "disassemble"' -l json -d 'one JSON object a line'
end
