"""One definition per measure, and their uncertainty."""
