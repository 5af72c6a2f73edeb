"""What the generated pages say around their tables. Used by ``docs/generate.py``; braces are filled in there."""

SETTINGS = """\
# Settings

Every process reads its settings from the environment when it starts, and from nowhere else. An unknown `MAHLAN_*`
variable is an error that suggests the nearest name. `{bootstrap}`, which other Kafka tools read too, wins over
`MAHLAN_BOOTSTRAP_SERVERS`. `mahlan settings` prints this list with the values in force. Secrets are marked and have
no default.

"""

METRICS = """\
# Metrics

Each service shows its metrics at `/metrics` on its status port, beside `/livez` and `/readyz`. Times are in seconds.
No label holds comment text, an author or an id. The rules of [alerts](alerts.md) read them.

"""

BUCKETS = """
Buckets of the histograms, in seconds or records:

"""

TOPICS = """\
# Topics

All topics have the same number of partitions and are keyed by `author_key`, so an author's comments stay in order and
on one number. Two know no author: `feedback.suggested.v1` is keyed by suggestion, `campaigns.brakes.v1` by
`campaign/language`. `mahlan topics create` makes them, `mahlan topics show` compares. The events are in
[events](events.md); who reads what is in [services](../services/README.md).

"""

DEAD_LETTERS = """
A dead letter has the key, the bytes and the headers of the record that failed, and tells the rest in headers of its
own: {headers}. `reason` is a code, `field` the JSON path at fault; neither they nor `message` hold a value of the
record. `mahlan dlq show` lists them, `mahlan dlq replay` sends them back as they were.
"""

EVENTS = """\
# Events

JSON in the record's value; who sent it, when and what it is in CloudEvents 1.0 headers (`ce_id`, `ce_type`,
`ce_source`, `ce_specversion`, `ce_time`, `content-type`). `application/cloudevents+json` is read too, and a record
without any of these headers is read as the event of its topic. Fields that are not listed are ignored; a later build
may add optional ones. The JSON Schemas are in [`schemas/`](../schemas), with good and bad
[examples](../schemas/examples).

"""

ALERTS = """\
# Alerts

The rules are in [`ops/alerts.yml`](../ops/alerts.yml); the metrics they read in [metrics](metrics.md).

"""

SOURCES = """\
# Public data to train on

What the models here were trained on, each under its publisher's terms, quoted as found at the commit named. No row is
kept in this repository. **stated**: a permissive licence is stated for the data; `make train LICENCES=stated` reads
only these. Where it says **ask**, none is stated or it is share-alike: read the terms, ask the publisher before you
use or ship what is trained on it. With `LICENCES=all`, the default, you have decided that yourself.

`python -m training.convert SOURCE --from FILE_OR_FOLDER --data DIR` turns what is published into rows where it says
**yes**; `--list` names the files. For the others, write rows as
[training/README.md](../training/README.md#the-data-folder) says. Rows are those that can be used, without repeats.

"""

FROM_NOTHING = """
## From nothing to a trained model

In a checkout of mahlan, with stated licences only (about 71,000 rows, 200 MB of clones):

```sh
make env && export PYTHONPATH=services:. && mkdir -p raw
take() {    # SOURCE OWNER/NAME COMMIT
  git clone -q "https://github.com/$2" "raw/$1" && git -C "raw/$1" checkout -q "$3" &&
  .venv/bin/python -m training.convert "$1" --from "raw/$1" --data rows
}
take osact4_offenseval2020 motazsaad/arabic-hatespeech-data a6c43a82de
take davidson t-davidson/hate-speech-and-offensive-language cb50f7e9eb
take edos rewire-online/edos b1f1fbcca9
take hatemoji_build HannahKirk/Hatemoji a626f63216
take paradetox s-nlp/paradetox d97b17d081
take toxic_spans ipavlopoulos/toxic_spans beaf170538
make train-fast DATA=rows OUT=models/fast/9     # minutes
```

The accurate model, from an encoder of the hub, is hours on two cores; the same command again goes on where it stopped:

```sh
.venv/bin/pip install -e '.[accurate]'
make train DATA=rows BASE=intfloat/multilingual-e5-small OUT=models/accurate/9 LICENCES=stated
```

Then `make eval DATA=rows MODEL=fast@9` ([how to read it](evaluation.md)) and [put it to work](swapping.md).

Only one of these six is Arabic, and none is Egyptian: such a model is weaker there than the ones shipped.

What the converters do besides: `test/` holds official test files or a tenth by hash, and no training reads it. A folded
text is kept once: test before dev before train, and not at all where rows disagree on it. The `not sexist` rows of
`edos` are weak: they can be rude otherwise; `--veto WORDS` leaves out those with a word of your list. Parts by hash are
ours, not the publisher's: do not compare figures on them with a paper's, nor test on them a model that was trained on
another's parts, such as those shipped here.
"""
