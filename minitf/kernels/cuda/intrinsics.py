"""Single instructions that Numba does not offer by itself: 128-bit loads, arithmetic not fused, short division.

A GPU moves 128 bits in one instruction where the address is a multiple of 16 bytes and the program says so;
compilers never conclude it.  And it fuses `a * b + c` into one rounding (FMA), which is faster and differs in
the last bit from a CPU: where equality is promised, `multiply` and `add` round after each step.
"""

from llvmlite import ir

from minitf.kernels.cuda.toolkit import intrinsic, numba_cuda

_FOUR_FLOATS = ir.VectorType(ir.FloatType(), 4)


def _address(context, builder, signature, args):
    """The address of element `args[1]` of the array `args[0]`, as that of four numbers."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    index = context.cast(builder, args[1], signature.args[1], numba_cuda().types.int64)
    place = builder.gep(array.data, [index])
    return builder.bitcast(place, _FOUR_FLOATS.as_pointer(array.data.type.addrspace))


def _number(k):
    return ir.Constant(ir.IntType(32), k)


def _make_load4():
    types = numba_cuda().types

    @numba_cuda().extending.intrinsic
    def load(typing, array, index):
        signature = types.UniTuple(types.float32, 4)(array, index)

        def generate(context, builder, signature, args):
            value = builder.load(_address(context, builder, signature, args))
            value.align = 16
            parts = [builder.extract_element(value, _number(k)) for k in range(4)]
            return context.make_tuple(builder, signature.return_type, parts)

        return signature, generate

    return load


def _make_store4():
    types = numba_cuda().types

    @numba_cuda().extending.intrinsic
    def store(typing, array, index, values):
        signature = types.void(array, index, types.UniTuple(types.float32, 4))

        def generate(context, builder, signature, args):
            value = ir.Constant(_FOUR_FLOATS, ir.Undefined)
            for k in range(4):
                part = builder.extract_value(args[2], k)
                value = builder.insert_element(value, part, _number(k))
            builder.store(value, _address(context, builder, signature, args)).align = 16
            return context.get_dummy_value()

        return signature, generate

    return store


@intrinsic(_make_load4)
def load4(array, index):
    """Elements index ... index + 3 of a float32 array, counted in memory; index is a multiple of 4."""
    flat = array.reshape(-1)
    return flat[index], flat[index + 1], flat[index + 2], flat[index + 3]


@intrinsic(_make_store4)
def store4(array, index, values):
    """Write four values to elements index ... index + 3 of a float32 array."""
    flat = array.reshape(-1)
    for k in range(4):
        flat[index + k] = values[k]


def _libdevice(name):
    return lambda: getattr(numba_cuda().libdevice, name)


@intrinsic(_libdevice("fmul_rn"))
def multiply(x, y):
    """x * y of float32, rounded by itself: never fused with an addition."""
    return x * y


@intrinsic(_libdevice("fadd_rn"))
def add(x, y):
    """x + y of float32, rounded by itself: never fused with a product."""
    return x + y


def _make_short(name):
    def lower():
        types = numba_cuda().types

        @numba_cuda().extending.intrinsic
        def divide(typing, x, y):
            signature = types.uint32(types.uint32, types.uint32)

            def generate(context, builder, signature, args):
                return getattr(builder, name)(*args)

            return signature, generate

        return divide

    return lower


@intrinsic(_make_short("udiv"))
def quotient(x, y):
    """x // y of 32-bit numbers: about 20 instructions, where Numba's division of 64 bits is a call of 70."""
    return x // y


@intrinsic(_make_short("urem"))
def remainder(x, y):
    """x % y of 32-bit numbers."""
    return x % y
