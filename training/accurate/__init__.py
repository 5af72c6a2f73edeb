"""The accurate model: an encoder fine-tuned, made small, made int8. ``python -m training.accurate`` runs it all."""
