"""What lies where in ArtifactsBucket.

Pure: the function of the members area and the tool read it by the same rules, and each asks S3
itself.
"""
