"""How the embedded judge is made: data, network, training. Nothing here runs at check time."""
