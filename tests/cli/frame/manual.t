Manual pages and completions are printed by the program. A difference means that they are stale:
`neuron describe --man man --completions completions` in the source tree renews them.

  $ neuron describe --man man --completions completions
  $ for page in man/*; do diff -u "$SOURCE/$page" "$page" || echo "stale: run: neuron describe --man man --completions completions"; done
  --- /work/wt/pack/man/neuron-packager-info.1	2026-11-21 07:54:03.020916397 +0000
  +++ man/neuron-packager-info.1	2026-11-21 08:05:24.112884500 +0000
  @@ -4,11 +4,15 @@
   neuron\-packager\-info \- Show the header of a NEFF, its subgraphs and its CPU operators
   .SH SYNOPSIS
   .B neuron packager info
  -[\fIoptions\fR] \fIneff\fR
  +[\fIoptions\fR] [\fIneff\fR]
   .SH DESCRIPTION
   Show the header of a NEFF, its subgraphs and its CPU operators.
   .PP
  -Sizes are bytes. WEIGHT rows are constants, SPILL rows are scratch space in device memory. The cores of one logical core share their tensors; they are listed once. The JSON form also holds queues, engines and members.
  +Sizes are bytes. WEIGHT rows are constants, SPILL rows are scratch space in device memory. The cores of one logical core share their tensors; they are listed once.
  +
  +\-\-memory tells before a model is loaded what it will take on each core: instructions and what a runtime puts around them, activation tables, constants, inputs and outputs, scratchpads, DMA rings, and the runtime's own share. The last column counts the shared scratchpad in whole pages of 512 MiB, as runtimes allocate it. What runtimes add was measured on Trn2; rings are an estimate of 16 bytes for each contiguous piece.
  +
  +\-\-json\-output holds all of it, and features by bit, instructions by opcode, queues, weights, spills and members, whatever the other options say; these only choose the rows of its "nodes". Its form is described by \-\-json\-schema and in neuron\-neff(5).
   .SH OPTIONS
   .TP
   \fB\-h\fR, \fB\-\-help\fR
  @@ -23,8 +27,14 @@
   \fB\-s\fR, \fB\-\-show\-spills\fR
   show spills.
   .TP
  +\fB\-\-memory\fR
  +show the device memory that the model will take.
  +.TP
   \fB\-\-json\-output\fR
   print JSON.
  +.TP
  +\fB\-\-json\-schema\fR
  +print the JSON schema of \-\-json\-output, and no more.
   .SH EXAMPLES
   .PP
   header, inputs and outputs:
  @@ -35,11 +45,27 @@
   .RE
   .fi
   .PP
  -the same and constants, for programs:
  +and constants and scratch space:
  +.PP
  +.nf
  +.RS
  +neuron packager info \-w \-s model.neff
  +.RE
  +.fi
  +.PP
  +will it fit?:
  +.PP
  +.nf
  +.RS
  +neuron packager info \-\-memory model.neff
  +.RE
  +.fi
  +.PP
  +everything, for programs:
   .PP
   .nf
   .RS
  -neuron packager info \-\-json\-output \-w model.neff
  +neuron packager info \-\-json\-output model.neff
   .RE
   .fi
   .SH EXIT STATUS
  stale: run: neuron describe --man man --completions completions
  $ for page in completions/*; do diff -u "$SOURCE/$page" "$page" || echo "stale: run: neuron describe --man man --completions completions"; done
  --- /work/wt/pack/completions/_neuron	2026-11-21 07:54:03.176916390 +0000
  +++ completions/_neuron	2026-11-21 08:05:24.204884495 +0000
  @@ -90,7 +90,9 @@
           '--show-weights[show weights]' \
           '-s[show spills]' \
           '--show-spills[show spills]' \
  +        '--memory[show the device memory that the model will take]' \
           '--json-output[print JSON]' \
  +        '--json-schema[print the JSON schema of --json-output, and no more]' \
           '*:file:_files';;
       'packager optimize')
         _arguments -S \
  stale: run: neuron describe --man man --completions completions
  --- /work/wt/pack/completions/neuron.bash	2026-11-21 07:54:03.188916389 +0000
  +++ completions/neuron.bash	2026-11-21 08:05:24.212884495 +0000
  @@ -6,7 +6,7 @@
       'run') echo '-h --help -o --output-dir --npy --no-save --num-exec --top --labels --json';;
       'packager') echo 'create info optimize unpack verify -h --help -v --version';;
       'packager create') echo '-h --help -i --input -v --tool-version -k --neff-version -r --header-version -n --name -t --num-nc -o --output -e --enable-feature';;
  -    'packager info') echo '-h --help -w --show-weights -s --show-spills --json-output';;
  +    'packager info') echo '-h --help -w --show-weights -s --show-spills --memory --json-output --json-schema';;
       'packager optimize') echo '-h --help --keep-debug';;
       'packager unpack') echo '-h --help -o --output';;
       'packager verify') echo '-h --help --json --strict';;
  stale: run: neuron describe --man man --completions completions
  --- /work/wt/pack/completions/neuron.fish	2026-11-21 07:54:03.204916388 +0000
  +++ completions/neuron.fish	2026-11-21 08:05:24.212884495 +0000
  @@ -59,7 +59,9 @@
       complete -c $program -n '__neuron_at "packager info"' -s h -l help -d 'print this help and exit'
       complete -c $program -n '__neuron_at "packager info"' -s w -l show-weights -d 'show weights'
       complete -c $program -n '__neuron_at "packager info"' -s s -l show-spills -d 'show spills'
  +    complete -c $program -n '__neuron_at "packager info"' -l memory -d 'show the device memory that the model will take'
       complete -c $program -n '__neuron_at "packager info"' -l json-output -d 'print JSON'
  +    complete -c $program -n '__neuron_at "packager info"' -l json-schema -d 'print the JSON schema of --json-output, and no more'
       complete -c $program -n '__neuron_at "packager optimize"' -s h -l help -d 'print this help and exit'
       complete -c $program -n '__neuron_at "packager optimize"' -l keep-debug -d 'keep debug information and prettified JSON members'
       complete -c $program -n '__neuron_at "packager unpack"' -s h -l help -d 'print this help and exit'
  stale: run: neuron describe --man man --completions completions

No page is left over from a command that is gone.

  $ for page in "$SOURCE"/man/*.1; do test -e man/"$(basename "$page")" || echo "left over: $page"; done

The pages are clean troff.

  $ for page in man/*.1 "$SOURCE"/man/*.5; do test -e "$page" && groff -t -ww -rLL=130n -man -Tutf8 -z "$page"; done; true
