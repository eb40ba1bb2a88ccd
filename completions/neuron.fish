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
complete -c neuron -n '__neuron_at ""' -f -a packager -d 'Look into NEFF packages, take them apart and make them'
complete -c neuron -n '__neuron_at ""' -f -a profile -d 'Record where the time of a NEFF goes, and look at it'
complete -c neuron -n '__neuron_at ""' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at ""' -l version -d 'print the version and exit'
complete -c neuron -n '__neuron_at "packager"' -s h -l help -d 'print this help and exit'
complete -c neuron -n '__neuron_at "profile"' -s h -l help -d 'print this help and exit'
