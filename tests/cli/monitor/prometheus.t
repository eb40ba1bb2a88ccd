The real Prometheus, where it is installed (Debian: apt-get install prometheus), scrapes what neuron
monitor serves.

  $ sh $SOURCE/tests/cli/monitor/prometheus.sh
  <any>
