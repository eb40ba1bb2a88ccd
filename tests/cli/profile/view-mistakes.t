A profile needs a trace; everything else about it can be left out.

  $ neuron profile view --output-format json
  ! neuron: no trace: give the NTFF file with -s
  ? 2
  $ neuron profile view -s missing.ntff --output-format json
  ! neuron: missing.ntff: cannot open: No such file or directory
  ? 3

A file that is no trace is named, and why it is none.

  $ printf 'not a trace' > text.ntff
  $ neuron profile view -s text.ntff --output-format summary-text
  ! neuron: text.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4

What the official tool has and this one has not is said, not skipped.

  $ neuron profile view -s text.ntff --output-format parquet
  ! neuron: --output-format parquet is not built; csv and json hold the same rows
  ? 2
  $ neuron profile view -s text.ntff --output-format sumary-text
  ! neuron: --output-format sumary-text: known are db, summary-text, summary-json, json, perfetto, csv, html
  ? 2

A team's InfluxDB that is not there, or not set up, is told as the guide does.

  $ HOME=. neuron profile view --db-endpoint http://127.0.0.1:1 --data-path store
  ! neuron: influxdb token not setup correctly: no $INFLUX_TOKEN and none in ~/.influxdbv2/configs; try executing "systemctl start influxdb" and "influx setup"
  ? 2
  $ INFLUX_TOKEN=t INFLUX_ORG=o neuron profile view --db-endpoint http://127.0.0.1:1 --data-path store
  ! neuron: influxdb not setup correctly: http://127.0.0.1:1: <any>; try executing "systemctl start influxdb" and "influx setup"; to install influxdb, go to https://portal.influxdata.com/downloads/ and follow the instructions there
  ? 3

The glossary needs no trace.

  $ neuron profile view --terminology | grep '^total_time '
  total_time                                 from the begin of the model to its end
