"""MindSpore's older form of functions: a class each, whose objects hold settings and are called with operands."""
