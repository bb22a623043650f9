"""tf.signal: Fourier transforms."""

from minitf.ops.frames import dct as dct
from minitf.ops.frames import frame as frame
from minitf.ops.frames import hamming_window as hamming_window
from minitf.ops.frames import hann_window as hann_window
from minitf.ops.frames import idct as idct
from minitf.ops.frames import inverse_stft as inverse_stft
from minitf.ops.frames import inverse_stft_window_fn as inverse_stft_window_fn
from minitf.ops.frames import overlap_and_add as overlap_and_add
from minitf.ops.frames import stft as stft
from minitf.ops.spectral import fft as fft
from minitf.ops.spectral import fft2d as fft2d
from minitf.ops.spectral import fft3d as fft3d
from minitf.ops.spectral import fftshift as fftshift
from minitf.ops.spectral import ifft as ifft
from minitf.ops.spectral import ifft2d as ifft2d
from minitf.ops.spectral import ifft3d as ifft3d
from minitf.ops.spectral import ifftshift as ifftshift
from minitf.ops.spectral import irfft as irfft
from minitf.ops.spectral import irfft2d as irfft2d
from minitf.ops.spectral import irfft3d as irfft3d
from minitf.ops.spectral import rfft as rfft
from minitf.ops.spectral import rfft2d as rfft2d
from minitf.ops.spectral import rfft3d as rfft3d
