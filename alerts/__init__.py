"""Current-awareness alerting for health libraries: feeds in, topic profiles matched, bulletins out."""

__version__ = "0.1.0"
