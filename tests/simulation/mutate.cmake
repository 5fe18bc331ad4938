# cmake -DIN= -DOUT= -DFROM= -DTO= -P mutate.cmake: copies a source file with one place changed. It
# is an error when FROM does not stand there exactly once: then the mutant is to be written anew.
file(READ ${IN} text)
string(FIND "${text}" "${FROM}" first)
string(FIND "${text}" "${FROM}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "${IN}: expected once: ${FROM}")
endif()
string(REPLACE "${FROM}" "${TO}" text "${text}")
file(WRITE ${OUT} "${text}")
