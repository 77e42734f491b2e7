"""The bilingual text encoder and the utterance heads: data, training, export and evaluation."""
