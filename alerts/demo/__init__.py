"""The demo: sample sources served from loopback, and one run of the main job on them.

`samples` holds the sample publications (real bibliographic facts, our own sentences) and renders them as the feeds that
publishers really send: RSS 2.0, RDF, Atom and JSON Feed. `server` serves them on loopback, one source down and one
malformed on purpose. `job` runs collect → publish → deliver over them with the shipped profiles.
"""
