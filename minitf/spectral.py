"""tf.spectral: Fourier transforms."""

from minitf.ops.frames import dct as dct
from minitf.ops.frames import idct as idct
from minitf.ops.spectral import fft as fft
from minitf.ops.spectral import fft2d as fft2d
from minitf.ops.spectral import fft3d as fft3d
from minitf.ops.spectral import ifft as ifft
from minitf.ops.spectral import ifft2d as ifft2d
from minitf.ops.spectral import ifft3d as ifft3d
from minitf.ops.spectral import irfft as irfft
from minitf.ops.spectral import irfft2d as irfft2d
from minitf.ops.spectral import irfft3d as irfft3d
from minitf.ops.spectral import rfft as rfft
from minitf.ops.spectral import rfft2d as rfft2d
from minitf.ops.spectral import rfft3d as rfft3d
