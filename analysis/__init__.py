"""The instrument: photos in, numbers with uncertainties and flags out."""
