Every input file that cannot be what the model wants is refused with one line, and nothing is written.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && cp "$SOURCE/tests/data/digits/7.npy" . && neuron compile digits.onnx --target trn2 >/dev/null
  $ neuron run digits.neff image
  ! neuron: input image has no file; inputs are given as NAME FILE
  ? 2
  $ neuron run digits.neff picture 7.npy
  ! neuron: the model has no input picture; its inputs are image
  ? 8
  $ neuron run digits.neff image missing.npy
  ! neuron: missing.npy: cannot open: No such file or directory
  ? 3
  $ neuron run missing.neff
  ! neuron: missing.neff: cannot open: No such file or directory
  ? 3

A raw file of a wrong size, and arrays that are damaged in each place where they can be.

  $ printf 12345 > bad-raw-size.bin; neuron run digits.neff image bad-raw-size.bin
  ! neuron: bad-raw-size.bin: 5 bytes, input image needs 3136
  ? 8
  $ head -c 3000 7.npy > bad-cut.npy; neuron run digits.neff image bad-cut.npy
  ! neuron: bad-cut.npy: npy shape [1,1,28,28] of float32 needs 3136 bytes, 2872 follow the header
  ? 4
  $ head -c 20 7.npy > bad-header-cut.npy; neuron run digits.neff image bad-header-cut.npy
  ! neuron: bad-header-cut.npy: npy header of 118 bytes ends beyond the file
  ? 4
  $ { printf '\223NUMPY\011\000'; tail -c +9 7.npy; } > bad-version.npy; neuron run digits.neff image bad-version.npy
  ! neuron: bad-version.npy: npy version 9, newest known is 3
  ? 5
  $ sed 's/<f4/>f4/' 7.npy > bad-byte-order.npy; neuron run digits.neff image bad-byte-order.npy
  ! neuron: bad-byte-order.npy: npy element type '>f4' is not supported
  ? 4
  $ sed 's/<f4/<f8/' 7.npy > bad-type-size.npy; neuron run digits.neff image bad-type-size.npy
  ! neuron: bad-type-size.npy: npy shape [1,1,28,28] of float64 needs 6272 bytes, 3136 follow the header
  ? 4
  $ sed 's/<f4/<i4/' 7.npy > bad-type.npy; neuron run digits.neff image bad-type.npy
  ! neuron: bad-type.npy: int32 [1,1,28,28], input image is float32 [1,1,28,28]
  ? 8
  $ sed 's/False/True /' 7.npy > bad-order.npy; neuron run digits.neff image bad-order.npy
  ! neuron: bad-order.npy: npy file is in Fortran order; save it in C order
  ? 4
  $ sed 's/(1, 1, 28, 28)/(1, 1, -8, 28)/' 7.npy > bad-negative.npy; neuron run digits.neff image bad-negative.npy
  ! neuron: bad-negative.npy: npy header: dimension -8 is negative
  ? 4
  $ sed 's/descr/dexcr/' 7.npy > bad-no-descr.npy; neuron run digits.neff image bad-no-descr.npy
  ! neuron: bad-no-descr.npy: npy header lacks descr, fortran_order or shape
  ? 4
  $ ls *.out
  ! ls: cannot access '*.out': No such file or directory
  ? 2
