// Functions that kernels on every device share.
#pragma once

#ifdef __CUDACC__
#define CUUNET_HOST_DEVICE __host__ __device__
#else
#define CUUNET_HOST_DEVICE
#endif
