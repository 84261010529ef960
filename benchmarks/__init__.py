"""Speed and accuracy side by side, and the validation that writes docs/validation.md."""
