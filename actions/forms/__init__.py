"""Skills that take more than one turn: Rasa's forms, steered from here."""
