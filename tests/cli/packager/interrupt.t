Ctrl-C while a command writes leaves nothing half-made: what stood there before stands there still,
and the exit status is 130. A helper sends the signal as soon as the command has begun to write, and
the inputs are so large (but mostly holes) that none has ended by then.

  $ cat > stop.sh <<'END'
  > pattern=$1 && shift
  > env --default-signal=INT "$@" >/dev/null &
  > tries=0
  > until ls -d $pattern >/dev/null 2>&1; do
  >   sleep 0.01
  >   tries=$((tries + 1))
  >   [ $tries -lt 3000 ] || { echo "it wrote nothing"; break; }
  > done
  > kill -INT $!
  > wait $!
  > END
  $ neff-text > small.neff </dev/null
  $ neuron packager unpack small.neff -o model >/dev/null
  $ truncate -s 16G model/sg00/large.bin
  $ sh stop.sh 'out.neff.*' neuron packager create -i model -o out
  ? 130
  $ sh stop.sh 'small.neff.*' neuron packager create -i model -o small --compress none
  ? 130
  $ ls
  model
  small.neff
  stop.sh
  $ neuron packager verify small.neff
  small.neff: sound; <any>

The same of commands that read a large package: a gigabyte of zeros.

  $ truncate -s 1G model/sg00/large.bin
  $ neuron packager create -i model -o large >/dev/null
  $ cp large.neff before.neff
  $ sh stop.sh '.large.*/sg00/large.bin' neuron packager unpack large.neff
  ? 130
  $ sh stop.sh 'large.neff.*' neuron packager optimize large.neff
  ? 130
  $ cmp large.neff before.neff && ls -A
  before.neff
  large.neff
  model
  small.neff
  stop.sh

Whoever starts it with a signal ignored, as nohup does, wants it ignored.

  $ truncate -s 128M model/sg00/large.bin
  $ neuron packager create -i model -o middle >/dev/null
  $ cat > ignore.sh <<'END'
  > env --ignore-signal=HUP --ignore-signal=INT neuron packager unpack middle.neff >/dev/null &
  > until [ -e middle ] || ls -d .middle.*/sg00/large.bin >/dev/null 2>&1; do sleep 0.01; done
  > kill -HUP $! 2>/dev/null; kill -INT $! 2>/dev/null
  > wait $!
  > END
  $ sh ignore.sh && wc -c < middle/sg00/large.bin
  134217728

A file that is cut short while it is read ends the command, which names it; nothing is written.

  $ truncate -s 16G model/sg00/large.bin
  $ cat > cut.sh <<'END'
  > neuron packager create -i model -o out >/dev/null &
  > until ls -d out.neff.* >/dev/null 2>&1; do sleep 0.01; done
  > truncate -s 1M model/sg00/large.bin
  > wait $!
  > END
  $ sh cut.sh
  ! neuron: <any>/model/sg00/large.bin: cannot read: it was cut short while in use, or its disk failed
  ? 3
  $ ls -d out*
  ! ls: cannot access 'out*': No such file or directory
  ? 2
