Four processes run a model. The files below neuron_device, neuron monitor, neuron ls and neuron top
tell the same story, which is what the processes did; after they are killed their cores are free and
what they did stays counted.

  $ sh $SOURCE/tests/cli/monitor/live.sh
  files: app_1 executed 10, refused 1
  files: app_2 executed 20, refused 2
  files: app_3 executed 30, refused 3
  files: app_4 executed 40, refused 4
  monitor: app_1 executed 10, refused 1
  monitor: app_2 executed 20, refused 2
  monitor: app_3 executed 30, refused 3
  monitor: app_4 executed 40, refused 4
  ls: owned devices: 4
   Neuron Apps  >[1]:all<  [2]:app_1   [3]:app_2   [4]:app_3   [5]:app_4
  top: models: 4
  0
  after the kill: app_1 executed 10
  after the kill: app_2 executed 20
  after the kill: app_3 executed 30
  after the kill: app_4 executed 40
