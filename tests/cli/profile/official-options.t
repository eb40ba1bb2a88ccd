Every option and command that the documents of neuron-profile and neuron-explorer name either works,
or says by its name why it changes nothing here or what to use instead.

  $ neuron-profile --version
  neuron-profile <any>
  $ neuron-profile -v
  neuron-profile <any>
  $ D=$SOURCE/tests/data/digits; cp $D/digits.onnx . && neuron compile digits.onnx --target trn2 >/dev/null
  $ neuron-profile capture -n digits.neff -s a.ntff -t profile --exec-mode sync
  Profile of execution 1 written to a.ntff
  ! Input tensor image will be zero-filled
  $ neuron-profile capture -n digits.neff -s b.ntff --exec-mode async-wait --enable-dge-notifs --single-io --single-io-threshold 4096 2>&1 | cut -c1-64
  neuron: notice: --enable-dge-notifs has no effect: transfers tha
  neuron: notice: --single-io has no effect: each tensor keeps a b
  neuron: notice: --single-io-threshold has no effect: each tensor
  neuron: notice: --exec-mode async-wait has no effect: executions
  Input tensor image will be zero-filled
  Profile of execution 1 written to b.ntff
  $ cmp a.ntff b.ntff
  $ neuron-profile capture -n digits.neff -t systrace
  ! neuron: --capture-type systrace: events of the runtime are recorded by 'neuron profile inspect COMMAND'; this command traces the device
  ? 2
  $ neuron-profile capture --systrace-get-event-types | head -n 3
  nc_exec_running
  nc_model_switch
  numerical_err
  $ neuron-profile capture -n digits.neff --systrace-event-filter nrt_load
  ! neuron: --systrace-event-filter: a trace of this command holds no events of the runtime; set NEURON_RT_INSPECT_EVENT_FILTER_TYPE and use 'neuron profile inspect'
  ? 2
  $ neuron-profile capture -n digits.neff --io-from neff
  ! neuron: --io-from: a NEFF holds no values of its inputs; give them as NAME FILE, or leave them out for zeros
  ? 2
  $ neuron-profile capture -n digits.neff --profile-all
  ! neuron: --profile-all: no public document tells what it traces; --profile-nth-exec 1 traces every execution
  ? 2
  $ neuron-profile capture
  ! neuron: no package: give the NEFF with -n
  ? 2

Parts of a trace can be left out of what is shown.

  $ neuron-profile view -n digits.neff -s a.ntff --output-format csv --output-file all && ls all
  DmaPacket.csv
  DmaPacketAggregated.csv
  Instruction.csv
  SemaphoreUpdate.csv
  Throttle.csv
  $ neuron-profile view -n digits.neff -s a.ntff --output-format csv --output-file less --ignore-dma-trace --ignore-event-trace && ls less
  Instruction.csv
  Throttle.csv
  $ neuron-profile view -n digits.neff -s a.ntff --output-format summary-text --ignore-instruction-trace 2>/dev/null | grep '^matmul_instruction_count'
  matmul_instruction_count                        0

Data for programs, without pages.

  $ neuron-profile view -n digits.neff -s a.ntff --ingest-only --data-path store >/dev/null; neuron-profile view --data-path store --disable-ui --port 0 >served & pid=$!; sleep 0.3; until grep -q http served; do sleep 0.1; done; at=$(sed -n 's/.* at \(.*\)api.profiles/\1/p' served); curl -s "$at"api/profiles | grep -c '"total_ps"'; curl -s -o /dev/null -w '%{http_code}\n' "$at"; kill $pid; head -n 1 served
  1
  404
  Profiles are served at http://127.0.0.1:<any>/api/profiles

  $ for o in --enable-memory-tracker --ignore-system-profile --ignore-instruction-hierarchy --ignore-nc-buf-usage '-F ignore-nc-buf-usage=true'; do neuron-profile view -n digits.neff -s a.ntff --output-format summary-json $o 2>&1 >/dev/null | cut -c1-60; done
  neuron: notice: --enable-memory-tracker has no effect: SBUF 
  neuron: notice: --ignore-system-profile has no effect: syste
  neuron: notice: --ignore-instruction-hierarchy has no effect
  neuron: notice: --ignore-nc-buf-usage has no effect: use of 
  neuron: notice: -F has no effect: there are no switches of f
  $ for o in --ignore-device-profile '--framework-source-root .' '--nki-source-root .' '--system-trace-primary-group process_id' '--system-trace-secondary-group lnc_idx' '--system-trace-filter-neuron-core 0,1' '--system-trace-filter-event-type nrt_execute' '--system-trace-filter-instance-id i-1'; do neuron-profile view -n digits.neff -s a.ntff --output-format summary-json $o || echo $?; done
  2
  2
  2
  2
  2
  2
  2
  2
  ! neuron: --ignore-device-profile: system profiles are not read, so nothing would be left to show
  ! neuron: --framework-source-root: there is no viewer of source code; the details of an instruction name its layer
  ! neuron: --nki-source-root: there is no viewer of source code; the details of an instruction name its layer
  ! neuron: --system-trace-primary-group: system profiles are not read; 'neuron profile inspect' leaves them as ntrace.json
  ! neuron: --system-trace-secondary-group: system profiles are not read; 'neuron profile inspect' leaves them as ntrace.json
  ! neuron: --system-trace-filter-neuron-core: system profiles are not read; set NEURON_RT_INSPECT_EVENT_FILTER_NC for 'neuron profile inspect'
  ! neuron: --system-trace-filter-event-type: system profiles are not read; set NEURON_RT_INSPECT_EVENT_FILTER_TYPE for 'neuron profile inspect'
  ! neuron: --system-trace-filter-instance-id: system profiles are not read; there is one instance, which is simulated

Commands of other days.

  $ for c in start-session stop-session analyze recommend; do neuron-profile $c -s a.ntff; done
  ! neuron: no command 'profile start-session' here: a daemon records a session for it, which later devices do not have; use 'neuron profile capture'
  ! neuron: no command 'profile stop-session' here: a daemon records a session for it, which later devices do not have; use 'neuron profile capture'
  ! neuron: no command 'profile analyze' here: it prepares traces for a plug-in of TensorBoard that was removed; use 'neuron profile view'
  ! neuron: no command 'profile recommend' here: it asks a language model of a cloud account; 'neuron profile view --insights' computes what bounds a run
  ? 2
  $ neuron-profile view --show-profile-schema
  ! neuron: --show-profile-schema: it is of Parquet tables, which are not written; the first line of each table of --output-format csv names its fields
  ? 2

What a trace holds, as it is.

  $ neuron-profile show-session -s a.ntff -n digits.neff
  Model Name      digits
  NTFF version    6
  Exec time (ns)  37846
  
  ND 0 NC 0
    Tensor        76 instructions
    Scalar        8 instructions
    GpSimd        16 instructions
    Vector        15 instructions
    Sync          12 instructions
    DMA           6009 records
    Events        194 records
    Throttling    2 records
    CC-cores      0 records
  $ neuron-profile show-session -s a.ntff --show-trace --show-dma | sed -n '/^Instruction trace/,$p' | awk '/^Instruction|^DMA/ {print; n = 0} n++ < 3 && n > 1'
  Instruction trace for ND 0 NC 0
          -4.000 Tensor   START pc 0x00000
          -4.000 Scalar   START pc 0x00400
  DMA trace for ND 0 NC 0
       15337.000 engine 0  ring 1  M2S_SOP
       15342.976 engine 0  ring 1  S2M_EOP, 32 bytes, crc 0xffff
  $ neuron-profile show-session -s a.ntff -j | head -n 6
  {
    "model": "digits",
    "ntff_version": 6,
    "exec_time_ns": 37846,
    "is_simulated": true,
    "cores": [
  $ neuron compile digits.onnx --target trn1 -o other.neff >/dev/null; neuron-profile show-session -s a.ntff -n other.neff
  ! neuron: a.ntff: the trace is not of other.neff
  ? 12
  $ neuron-profile show-session -s a.ntff -j --show-dma
  ! neuron: --json excludes --show-dma; see 'neuron profile show-session --help'
  ? 2

A command that uses the runtime is inspected; its traces are viewed as a directory.

  $ neuron-profile inspect -o out neuron run digits.neff >/dev/null; ls out/*/ | sed 's/[0-9a-f]\{16\}/HASH/'
  HASH_instid_0_vnc_0.ntff
  neff_HASH.neff
  ntrace.json
  trace_info.json
  ! Input tensor image will be zero-filled
  $ neuron-profile view -d out --output-format summary-json | grep -c total_time
  1
  $ neuron-profile inspect --capture-system-profiles -o events neuron run digits.neff >/dev/null; ls events/*/
  ntrace.json
  trace_info.json
  ! Input tensor image will be zero-filled
  $ neuron-profile inspect
  ! neuron: no command to inspect; see 'neuron profile inspect --help'
  ? 2
  $ neuron-profile inspect no-such-program --flag
  ! neuron: no-such-program: cannot run: No such file or directory
  ? 13
