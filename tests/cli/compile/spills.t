Values that do not fit on chip beside each other wait in device memory. The package says which, and how large they are: five functions of one tensor are wanted at the same time, 40 KB a partition each.

  $ printf '\010\010B\002\020\015\072\263\001\012\017\012\001x\022\001a\032\001a\042\004Relu\012\017\012\001x\022\001b\032\001b\042\004Tanh\012\022\012\001x\022\001c\032\001c\042\007Sigmoid\012\016\012\001x\022\001d\032\001d\042\003Exp\012\016\012\001x\022\001e\032\001e\042\003Abs\012\034\012\001a\012\001b\012\001c\012\001d\012\001e\022\001y\032\003sum\042\003Sum\022\001gZ\034\012\001x\022\027\012\025\010\001\022\021\012\002\010\001\012\003\010\200\001\012\002\010d\012\002\010db\034\012\001y\022\027\012\025\010\001\022\021\012\002\010\001\012\003\010\200\001\012\002\010d\012\002\010d' > wide.onnx
  $ neuron compile wide.onnx --target inf2 -o wide.neff
  wide.neff: 7428 bytes for inf2
  predicted: 432.6 us on NeuronCore-v2, bound by DMA, busy 96 % of the time
  ! neuron: warning: uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs
  $ neuron packager info --show-spills wide.neff | grep -c SPILL
  8
  $ neuron packager info wide.neff | grep -c SPILL
  0
  ? 1
  $ neuron packager info --show-spills wide.neff | grep SPILL | tail -n 1 | tr -s ' '
   scratch9 5120000 SPILL []

They come back as they went: 0 + 0 + 1/2 + 1 + 0.

  $ head -c 5120000 /dev/zero > x.bin
  $ neuron run wide.neff x x.bin | head -n 1
  y: float32 [1,128,100,100] -> ./y.out
  $ od -An -v -tf4 -w4 y.out | sort -u | tr -d ' '
  1.5
