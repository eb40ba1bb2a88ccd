// SPDX-License-Identifier: Apache-2.0
// official_client.js URL: writes points with the official client of InfluxDB, reads them back with
// Flux and compares. What works here works against the stand-in as it does against a server.
const {InfluxDB, Point, HttpError} = require('@influxdata/influxdb-client');

const COUNT = 500, BUCKET = 'by the official client', ID = 'n_1';
const text_of = (i) => `piece "${i}", with commas = and \\ backslash`;

async function write(url) {
  const api = new InfluxDB({url, token: 'secret'}).getWriteApi('team', BUCKET, 'ns');
  for (let i = 0; i < COUNT; ++i)
    api.writePoint(new Point('segment').tag('id', ID).stringField('data', text_of(i)).intField('n', i).timestamp(String(i)));
  await api.close();
}

async function read(url) {
  const api = new InfluxDB({url, token: 'secret'}).getQueryApi('team');
  const of_field = (field) => api.collectRows(`from(bucket: "${BUCKET}") |> range(start: time(v: 0), stop: time(v: ${COUNT})) ` +
    `|> filter(fn: (r) => r._measurement == "segment" and r.id == "${ID}") |> filter(fn: (r) => r._field == "${field}") |> sort(columns: ["_time"])`);
  const texts = await of_field('data'), numbers = await of_field('n');
  const is_equal = texts.length === COUNT && numbers.length === COUNT &&
    texts.every((row, i) => row._value === text_of(i) && row._measurement === 'segment' && row.id === ID) &&
    numbers.every((row, i) => row._value === i && Date.parse(row._time) === 0);
  if (!is_equal) throw new Error(`read ${texts.length} texts and ${numbers.length} numbers: ${JSON.stringify(texts[0])}`);
  return texts.length;
}

async function refusal(url) {
  try {
    await new InfluxDB({url, token: 'stale'}).getQueryApi('team').collectRows(`from(bucket: "${BUCKET}") |> range(start: 0)`);
  } catch (error) {
    if (error instanceof HttpError) return error.statusCode;
    throw error;
  }
  return 200;
}

async function main(url) {
  await write(url);
  const count = await read(url);
  console.log(`wrote ${COUNT}, read ${count} back equal; a stale token is refused with ${await refusal(url)}`);
}
main(process.argv[2]).catch((error) => { console.error(error); process.exit(1); });
