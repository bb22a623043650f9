"""tf.linalg: linear algebra."""

from minitf.ops.contraction import einsum as einsum
from minitf.ops.contraction import tensordot as tensordot
from minitf.ops.diagonals import eye as eye
from minitf.ops.diagonals import tensor_diag as tensor_diag
from minitf.ops.diagonals import tensor_diag_part as tensor_diag_part
from minitf.ops.diagonals import trace as trace
from minitf.ops.factorization import cholesky as cholesky
from minitf.ops.factorization import cholesky_solve as cholesky_solve
from minitf.ops.factorization import matrix_rank as matrix_rank
from minitf.ops.factorization import pinv as pinv
from minitf.ops.factorization import qr as qr
from minitf.ops.factorization import svd as svd
from minitf.ops.linear_algebra import adjoint as adjoint
from minitf.ops.linear_algebra import cross as cross
from minitf.ops.linear_algebra import logdet as logdet
from minitf.ops.linear_algebra import matvec as matvec
from minitf.ops.linear_algebra import norm as norm
from minitf.ops.linear_algebra import normalize as normalize
from minitf.ops.linear_algebra import slogdet as slogdet
from minitf.ops.matmul import matmul as matmul
from minitf.ops.transposing import matrix_transpose as matrix_transpose
