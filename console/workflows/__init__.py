"""One module for each thing that staff do, readable from top to bottom like the sentence that describes it."""
