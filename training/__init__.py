"""How models are made and measured. Not part of the product: needs the ``train`` extra and a folder of rows."""
