A capture executes as often as it is told and traces what it is asked for.

  $ D=$SOURCE/tests/data/digits; cp $D/digits.onnx $D/7.npy . && neuron compile digits.onnx --target trn2 >/dev/null
  $ neuron-profile capture -n digits.neff --num-exec 4 --profile-nth-exec 2 --check-output-determinism image 7.npy
  Profile of execution 2 written to profile_exec_2.ntff
  Profile of execution 4 written to profile_exec_4.ntff
  Outputs of 4 executions are equal
  $ neuron profile capture -n digits.neff --disable-profile --save-output --save-output-npy image 7.npy
  Output probabilities written to probabilities
  Output probabilities written to probabilities.npy
  $ wc -c probabilities probabilities.npy | head -n 2; ls *.ntff
   40 probabilities
  168 probabilities.npy
  profile_exec_2.ntff
  profile_exec_4.ntff
  $ neuron profile capture -n digits.neff --profile-nth-exec 2
  ! neuron: --profile-nth-exec is 2, but --num-exec is 1
  ? 2

An execution that fails ends the capture, unless errors are to be ignored: here each takes longer than
it may. What failed leaves no trace, and the rest goes on.

  $ NEURON_RT_EXEC_TIMEOUT=0 neuron profile capture -n digits.neff -s failed.ntff --num-exec 3 image 7.npy
  ! neuron: [NC 0] execution timeout (0 ms) on model digits, which takes 0 ms
  ? 10
  $ NEURON_RT_EXEC_TIMEOUT=0 neuron profile capture -n digits.neff -s failed.ntff --num-exec 3 --ignore-exec-errors image 7.npy; ls failed.ntff
  ! execution 1: [NC 0] execution timeout (0 ms) on model digits, which takes 0 ms
  ! execution 2: [NC 0] execution timeout (0 ms) on model digits, which takes 0 ms
  ! execution 3: [NC 0] execution timeout (0 ms) on model digits, which takes 0 ms
  ! ls: cannot access 'failed.ntff': No such file or directory
  ? 2

Several workers are several processes, each on its own core; every one writes its own trace.

  $ mkdir out; printf 'image 7.npy\n\n' > inputs.txt; neuron profile capture -n digits.neff -s out/profile.ntff -r 2 -m inputs.txt
  Profile of execution 1 written to out/profile_rank_0.ntff
  Profile of execution 1 written to out/profile_rank_1.ntff
  ! Input tensor image will be zero-filled
  $ neuron profile capture -n digits.neff -s out/one.ntff -r 3 -i 1 image 7.npy; ls out
  Profile of execution 1 written to out/one_rank_1.ntff
  one_rank_1.ntff
  profile_rank_0.ntff
  profile_rank_1.ntff
  $ neuron profile capture -n digits.neff -r 3 -m inputs.txt
  ! neuron: inputs.txt: 2 lines for 3 workers
  ? 8
  $ neuron profile capture -n digits.neff -r 2 -i 2
  ! neuron: --collectives-profile-id 2: expected all or a rank from 0 to 1
  ? 2
  $ neuron profile capture -n digits.neff -i 1
  ! neuron: -m, -i and --collectives-worker-start-id are for several workers; say how many with -r
  ? 2

Together they are viewed as a directory; the package is found by its uuid.

  $ cp digits.neff out; neuron profile view -d out --ingest-only --data-path store
  Profile "<any>" is ready to view
  Profile "<any>" is ready to view
  Profile "<any>" is ready to view
  Profile "<any>" is ready to view
  $ neuron profile view -d out --ingest-only --data-path store | sort -u | wc -l
  4
  ! <any>: already stored; --force would replace it
  ! <any>: already stored; --force would replace it
  ! <any>: already stored; --force would replace it
  $ neuron profile view -d out --output-format summary-json | grep -c total_time
  3
  $ neuron profile view -d out --output-format csv --output-file tables; ls tables/device_profile_profile_rank_1-csv
  tables/device_profile_one_rank_1-csv
  tables/device_profile_profile_rank_0-csv
  tables/device_profile_profile_rank_1-csv
  DmaPacket.csv
  DmaPacketAggregated.csv
  Instruction.csv
  SemaphoreUpdate.csv
  Throttle.csv
  $ mkdir empty; neuron profile view -d empty --output-format json
  ! neuron: empty: holds no trace (*.ntff or *.ntff.zst)
  ? 13
