#include "tools/program.h"

int main(int argc, char** argv) { return cuunet::run_program(argc, argv); }
