"""foedus: coalition air surveillance and early warning in which the security pact is the program."""

__version__ = "0.1.0"
