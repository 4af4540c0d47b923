# Headers of cuDNN 9 and cuBLAS, and the folders of their libraries, which are loaded when the program first needs them.
# CUDNN_ROOT, CUBLAS_ROOT: a folder with include/ and lib/, also the one that pip's packages leave (with libcudnn.so.9
# alone); then the usual places. One line says what is left out: without cuDNN all of CUUNET_CUDNN, without cuBLAS the
# matrix products (CUUNET_CUBLAS).
set(toolkit_folders ${CUDAToolkit_ROOT} ${CMAKE_CUDA_COMPILER_TOOLKIT_ROOT} /usr/local/cuda)

function(cuunet_find_library_of name header root)
  find_path(${name}_INCLUDE_DIR ${header} HINTS ${root} $ENV{${name}_ROOT} ${toolkit_folders} NO_CACHE
            PATH_SUFFIXES include targets/x86_64-linux/include)
  find_file(library NAMES ${ARGN} HINTS ${root} $ENV{${name}_ROOT} ${toolkit_folders}
            PATHS /usr/lib/x86_64-linux-gnu /usr/lib64 NO_CACHE
            PATH_SUFFIXES lib lib64 targets/x86_64-linux/lib)
  if(library)
    cmake_path(GET library PARENT_PATH folder)
  endif()
  set(${name}_INCLUDE_DIR ${${name}_INCLUDE_DIR} PARENT_SCOPE)
  set(${name}_FOLDER "${folder}" PARENT_SCOPE)
endfunction()

cuunet_find_library_of(CUDNN cudnn.h "${CUDNN_ROOT}" libcudnn.so.9)
cuunet_find_library_of(CUBLAS cublas_v2.h "${CUBLAS_ROOT}" libcublas.so.13 libcublas.so.12)

if(CUDNN_INCLUDE_DIR AND EXISTS ${CUDNN_INCLUDE_DIR}/cudnn_version.h)
  file(READ ${CUDNN_INCLUDE_DIR}/cudnn_version.h version_text)
  string(REGEX MATCH "define CUDNN_MAJOR ([0-9]+)" major "${version_text}")
  set(CUDNN_MAJOR ${CMAKE_MATCH_1})
endif()
if(NOT CUDNN_INCLUDE_DIR)
  message(NOTICE "cuunet: cudnn.h was not found: cuDNN is left out (CUDNN_ROOT is the folder with its include/ and lib/)")
  set(CUUNET_CUDNN OFF)
elseif(NOT CUDNN_MAJOR EQUAL 9)
  message(NOTICE "cuunet: ${CUDNN_INCLUDE_DIR}/cudnn.h is version ${CUDNN_MAJOR}, expected 9: cuDNN is left out")
  set(CUUNET_CUDNN OFF)
else()
  message(STATUS "cuunet: cuDNN from ${CUDNN_INCLUDE_DIR}")
endif()

set(CUUNET_CUBLAS ${CUUNET_CUDNN})
if(CUUNET_CUDNN AND NOT CUBLAS_INCLUDE_DIR)
  message(NOTICE "cuunet: cublas_v2.h was not found: matrix products stay ours (CUBLAS_ROOT is its folder)")
  set(CUUNET_CUBLAS OFF)
  set(CUBLAS_INCLUDE_DIR)
endif()
