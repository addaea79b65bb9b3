"""The packaged encoder `conse`: an image classifier and a sentence encoder in one space, no download."""
