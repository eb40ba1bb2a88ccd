The box of the user guide of neuron-ls: sixteen Trainium2 devices on a torus of four by four, two
physical cores to a logical one. A configuration file says what the instance is called.

  $ mkdir -p ~/.config/neuron; echo '{"instance_type": "trn2n.48xlarge", "instance_id": "i-aabbccdd123456789"}' > ~/.config/neuron/instance.json; neuron-ls
  instance-type: trn2n.48xlarge
  instance-id: i-aabbccdd123456789
  logical-neuroncore-config: 2
  +--------+--------+----------+--------+---------------+--------------+---------------+------+
  | NEURON | NEURON |  NEURON  | NEURON |   CONNECTED   |     PCI      |      CPU      | NUMA |
  | DEVICE | CORES  | CORE IDS | MEMORY |    DEVICES    |     BDF      |   AFFINITY    | NODE |
  +--------+--------+----------+--------+---------------+--------------+---------------+------+
  | 0      | 4      | 0-3      | 96 GB  | 12, 3, 4, 1   | 0000:cc:00.0 | 48-95,144-191 | 1    |
  | 1      | 4      | 4-7      | 96 GB  | 13, 0, 5, 2   | 0000:b5:00.0 | 48-95,144-191 | 1    |
  | 2      | 4      | 8-11     | 96 GB  | 14, 1, 6, 3   | 0000:b6:00.0 | 48-95,144-191 | 1    |
  | 3      | 4      | 12-15    | 96 GB  | 15, 2, 7, 0   | 0000:cb:00.0 | 48-95,144-191 | 1    |
  | 4      | 4      | 16-19    | 96 GB  | 0, 7, 8, 5    | 0000:6f:00.0 | 0-47,96-143   | 0    |
  | 5      | 4      | 20-23    | 96 GB  | 1, 4, 9, 6    | 0000:58:00.0 | 0-47,96-143   | 0    |
  | 6      | 4      | 24-27    | 96 GB  | 2, 5, 10, 7   | 0000:59:00.0 | 0-47,96-143   | 0    |
  | 7      | 4      | 28-31    | 96 GB  | 3, 6, 11, 4   | 0000:6e:00.0 | 0-47,96-143   | 0    |
  | 8      | 4      | 32-35    | 96 GB  | 4, 11, 12, 9  | 0000:9b:00.0 | 0-47,96-143   | 0    |
  | 9      | 4      | 36-39    | 96 GB  | 5, 8, 13, 10  | 0000:84:00.0 | 0-47,96-143   | 0    |
  | 10     | 4      | 40-43    | 96 GB  | 6, 9, 14, 11  | 0000:85:00.0 | 0-47,96-143   | 0    |
  | 11     | 4      | 44-47    | 96 GB  | 7, 10, 15, 8  | 0000:9a:00.0 | 0-47,96-143   | 0    |
  | 12     | 4      | 48-51    | 96 GB  | 8, 15, 0, 13  | 0000:f8:00.0 | 48-95,144-191 | 1    |
  | 13     | 4      | 52-55    | 96 GB  | 9, 12, 1, 14  | 0000:e1:00.0 | 48-95,144-191 | 1    |
  | 14     | 4      | 56-59    | 96 GB  | 10, 13, 2, 15 | 0000:e2:00.0 | 48-95,144-191 | 1    |
  | 15     | 4      | 60-63    | 96 GB  | 11, 14, 3, 12 | 0000:f7:00.0 | 48-95,144-191 | 1    |
  +--------+--------+----------+--------+---------------+--------------+---------------+------+
  $ neuron ls --topology
  instance-type: trn2n.48xlarge
  instance-id: i-aabbccdd123456789
  logical-neuroncore-config: 2
  +--------+--------+--------+---------------+---------+
  | NEURON | NEURON | NEURON |   CONNECTED   |   PCI   |
  | DEVICE | CORES  | MEMORY |    DEVICES    |   BDF   |
  +--------+--------+--------+---------------+---------+
  | 0      | 4      | 96 GB  | 12, 3, 4, 1   | cc:00.0 |
  | 1      | 4      | 96 GB  | 13, 0, 5, 2   | b5:00.0 |
  | 2      | 4      | 96 GB  | 14, 1, 6, 3   | b6:00.0 |
  | 3      | 4      | 96 GB  | 15, 2, 7, 0   | cb:00.0 |
  | 4      | 4      | 96 GB  | 0, 7, 8, 5    | 6f:00.0 |
  | 5      | 4      | 96 GB  | 1, 4, 9, 6    | 58:00.0 |
  | 6      | 4      | 96 GB  | 2, 5, 10, 7   | 59:00.0 |
  | 7      | 4      | 96 GB  | 3, 6, 11, 4   | 6e:00.0 |
  | 8      | 4      | 96 GB  | 4, 11, 12, 9  | 9b:00.0 |
  | 9      | 4      | 96 GB  | 5, 8, 13, 10  | 84:00.0 |
  | 10     | 4      | 96 GB  | 6, 9, 14, 11  | 85:00.0 |
  | 11     | 4      | 96 GB  | 7, 10, 15, 8  | 9a:00.0 |
  | 12     | 4      | 96 GB  | 8, 15, 0, 13  | f8:00.0 |
  | 13     | 4      | 96 GB  | 9, 12, 1, 14  | e1:00.0 |
  | 14     | 4      | 96 GB  | 10, 13, 2, 15 | e2:00.0 |
  | 15     | 4      | 96 GB  | 11, 14, 3, 12 | f7:00.0 |
  +--------+--------+--------+---------------+---------+
  
  
  Neuron Device Topology
        *        *        *        *      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 0 ]◄––►[ 1 ]◄––►[ 2 ]◄––►[ 3 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 4 ]◄––►[ 5 ]◄––►[ 6 ]◄––►[ 7 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 8 ]◄––►[ 9 ]◄––►[10 ]◄––►[11 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[12 ]◄––►[13 ]◄––►[14 ]◄––►[15 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        *        *        *        *      
  
  Legend:
  
          *––► = Wrap-around link
  $ neuron-ls --json-output | head -24
  [
      {
          "neuron_device": 0,
          "bdf": "cc:00.0",
          "cpu_affinity": "48-95,144-191",
          "numa_node": "1",
          "connected_to": [
              12,
              3,
              4,
              1
          ],
          "nc_count": 4,
          "logical_neuroncore_config": 2,
          "memory_size": 103079215104,
          "neuroncore_ids": [
              0,
              1,
              2,
              3
          ],
          "neuron_processes": []
      },
      {

The environment comes before the file. With logical cores of one there are twice as many.

  $ NEURON_SIM_INSTANCE=trn2.3xlarge NEURON_LOGICAL_NC_CONFIG=1 neuron ls
  instance-type: trn2.3xlarge
  instance-id: i-aabbccdd123456789
  logical-neuroncore-config: 1
  +--------+--------+----------+--------+--------------+----------+------+
  | NEURON | NEURON |  NEURON  | NEURON |     PCI      |   CPU    | NUMA |
  | DEVICE | CORES  | CORE IDS | MEMORY |     BDF      | AFFINITY | NODE |
  +--------+--------+----------+--------+--------------+----------+------+
  | 0      | 8      | 0-7      | 96 GB  | 0000:33:00.0 | 0-11     | 0    |
  +--------+--------+----------+--------+--------------+----------+------+
  $ NEURON_SIM_INSTANCE=trn2.48xlarge neuron ls | head -3
  instance-type: trn2.48xlarge
  instance-id: i-aabbccdd123456789
  logical-neuroncore-config: 2
  $ NEURON_SIM_INSTANCE=trn2u.48xlarge neuron ls | head -3
  instance-type: trn2u.48xlarge
  instance-id: i-aabbccdd123456789
  logical-neuroncore-config: 2

Four boxes make an UltraServer; devices at the same place of neighbouring boards are linked.

  $ NEURON_SIM_INSTANCE=u-trn2x64 neuron ls --topology | sed -n '4,8p;20,22p;68,200p'
  +--------+--------+--------+------------------------+---------+
  | NEURON | NEURON | NEURON |       CONNECTED        |   PCI   |
  | DEVICE | CORES  | MEMORY |        DEVICES         |   BDF   |
  +--------+--------+--------+------------------------+---------+
  | 0      | 4      | 96 GB  | 12, 3, 4, 1, 48, 16    | cc:00.0 |
  | 12     | 4      | 96 GB  | 8, 15, 0, 13, 60, 28   | f8:00.0 |
  | 13     | 4      | 96 GB  | 9, 12, 1, 14, 61, 29   | e1:00.0 |
  | 14     | 4      | 96 GB  | 10, 13, 2, 15, 62, 30  | e2:00.0 |
  | 60     | 4      | 96 GB  | 56, 63, 48, 61, 44, 12 | f8:00.0 |
  | 61     | 4      | 96 GB  | 57, 60, 49, 62, 45, 13 | e1:00.0 |
  | 62     | 4      | 96 GB  | 58, 61, 50, 63, 46, 14 | e2:00.0 |
  | 63     | 4      | 96 GB  | 59, 62, 51, 60, 47, 15 | f7:00.0 |
  +--------+--------+--------+------------------------+---------+
  
  
  Neuron Device Topology
        *        *        *        *      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 0 ]◄––►[ 1 ]◄––►[ 2 ]◄––►[ 3 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 4 ]◄––►[ 5 ]◄––►[ 6 ]◄––►[ 7 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[ 8 ]◄––►[ 9 ]◄––►[10 ]◄––►[11 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[12 ]◄––►[13 ]◄––►[14 ]◄––►[15 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        *        *        *        *      
  
        *        *        *        *      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[16 ]◄––►[17 ]◄––►[18 ]◄––►[19 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[20 ]◄––►[21 ]◄––►[22 ]◄––►[23 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[24 ]◄––►[25 ]◄––►[26 ]◄––►[27 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[28 ]◄––►[29 ]◄––►[30 ]◄––►[31 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        *        *        *        *      
  
        *        *        *        *      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[32 ]◄––►[33 ]◄––►[34 ]◄––►[35 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[36 ]◄––►[37 ]◄––►[38 ]◄––►[39 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[40 ]◄––►[41 ]◄––►[42 ]◄––►[43 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[44 ]◄––►[45 ]◄––►[46 ]◄––►[47 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        *        *        *        *      
  
        *        *        *        *      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[48 ]◄––►[49 ]◄––►[50 ]◄––►[51 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[52 ]◄––►[53 ]◄––►[54 ]◄––►[55 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[56 ]◄––►[57 ]◄––►[58 ]◄––►[59 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        ▼        ▼        ▼        ▼      
  *––►[60 ]◄––►[61 ]◄––►[62 ]◄––►[63 ]◄––*
        ▲        ▲        ▲        ▲      
        │        │        │        │      
        *        *        *        *      
  
  Legend:
  
          *––► = Wrap-around link
          Devices at the same place of neighbouring boards are linked too

What is wrong is said in a line.

  $ NEURON_SIM_INSTANCE=trn9 neuron ls
  ! neuron: NEURON_SIM_INSTANCE is trn9, known are inf1.xlarge, inf1.2xlarge, inf1.6xlarge, inf1.24xlarge, trn1.2xlarge, trn1.32xlarge, trn1n.32xlarge, inf2.xlarge, inf2.8xlarge, inf2.24xlarge, inf2.48xlarge, trn2.3xlarge, trn2.48xlarge, trn2n.48xlarge, trn2u.48xlarge, u-trn2x64
  ? 13
  $ NEURON_LOGICAL_NC_CONFIG=3 neuron ls
  ! neuron: NEURON_LOGICAL_NC_CONFIG of trn2n.48xlarge: expected 1 or 2
  ? 2
  $ echo '[1]' > bad.json; NEURON_SIM_CONFIG=bad.json neuron ls
  ! neuron: bad.json: expected an object of names as neuron-monitor prints them
  ? 4
  $ NEURON_SIM_CONFIG=missing.json neuron ls
  ! neuron: missing.json: cannot open: No such file or directory
  ? 3
