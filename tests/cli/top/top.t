One screen, for scripts.

  $ NEURON_SIM_INSTANCE=inf2.24xlarge neuron-top --once --interval 0.02 --width 100
  <any>neuron-top <any> running on i-<any> (inf2.24xlarge)
   NeuronCore v2 Utilization (Avg: 0.00%)
                     NC0                           NC1
   ND0  [                          ]  [                          ]
   ND1  [                          ]  [                          ]
   ND2  [                          ]  [                          ]
   ND3  [                          ]  [                          ]
   ND4  [                          ]  [                          ]
   ND5  [                          ]  [                          ]
   vCPU Utilization
    System vCPU Usage  [<any>%]  Runtime vCPU Usage  [             0.00%, 0.00%]
   Memory Usage Summary
    Host Used Memory    Total:0B   Tensors:0B   Constants:0B   DMA Buffers:0B   App. Memory:0B
    Device Used Memory  Total:0B Tensors:0B Constants:0B Model Code:0B Runtime Memory:0B Model Scratchpad:0B
   Memory Usage Details                                        Model ID   Device Memory   Host Memory
   Neuron Apps  >[1]:all<
  $ NEURON_SIM_INSTANCE=inf2.xlarge neuron top --json --interval 0.02 | tail -5
    "memory_usage_details": [],
    "neuron_apps": [
      "all"
    ]
  }

The live one needs a terminal.

  $ neuron top | cat
  ! neuron: standard output is no terminal; use --once or --json

In a terminal it is drawn, follows the size, obeys keys, and leaves the terminal in order.

  $ sh $SOURCE/tests/cli/top/screen.sh
  <any>
