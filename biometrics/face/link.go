package face

// go-face asks the linker for libcblas, which Debian does not have: OpenBLAS holds the same symbols. lib/libcblas.so is a linker script that says so.

// #cgo linux LDFLAGS: -L${SRCDIR}/lib
// #cgo linux LDFLAGS: -lopenblas
// void openblas_set_num_threads(int);
import "C"

// oneBLASThread keeps OpenBLAS from starting a thread a core for matrices this small: it only costs.
func oneBLASThread() { C.openblas_set_num_threads(1) }
