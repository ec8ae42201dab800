"""From folders to exercises and chapters: what a course is, and where its parts lie. Reads files; starts nothing."""
