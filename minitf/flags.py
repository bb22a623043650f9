"""`tf.flags`: options of a program on the command line.

A flag has a name, a default and a help text; `FLAGS.name` is its value.  The command line
(`sys.argv`) is read at the first look at a value, or by `tf.app.run`.
"""

import sys


class Error(Exception):
    """tf.flags.Error: a mistake about flags."""


class IllegalFlagValueError(Error):
    """A value that a flag can't take."""


class UnrecognizedFlagError(Error):
    """The command line names a flag that is not defined."""


class DuplicateFlagError(Error):
    """A flag is defined twice."""


class UnparsedFlagAccessError(Error, AttributeError):
    """A flag is used before the command line was read."""


class _Flag:
    def __init__(self, name, default, help, parse, is_bool=False, required=False):
        self.name, self.help, self.parse, self.is_bool = name, help, parse, is_bool
        self.required = required
        self.default = self.value = None if default is None else parse(default)
        self.present = 0

    def set_from_text(self, text):
        try:
            self.value = self.parse(text)
        except (ValueError, TypeError) as error:
            raise IllegalFlagValueError(f"flag --{self.name}={text}: {error}") from error
        self.present += 1


class _FlagValues:
    """`FLAGS`: the values as attributes."""

    def __init__(self):
        self.__dict__["_flags"] = {}
        self.__dict__["_parsed"] = False

    def _define(self, flag):
        known = self._flags.get(flag.name)
        if known is not None and known.default != flag.default:
            raise DuplicateFlagError(f"The flag '{flag.name}' is defined twice, with defaults {known.default!r} and "
                                     f"{flag.default!r}.")  # fmt: skip
        if known is None:
            self._flags[flag.name] = flag

    def __getattr__(self, name):
        if name not in self._flags:
            raise AttributeError(name)
        if not self._parsed:
            self(sys.argv, known_only=True)
        return self._flags[name].value

    def __setattr__(self, name, value):
        if name not in self._flags:
            raise AttributeError(name)
        self._flags[name].value = value
        self._flags[name].present += 1

    def __getitem__(self, name):
        return self._flags[name]

    def __contains__(self, name):
        return name in self._flags

    def __iter__(self):
        return iter(self._flags)

    def __len__(self):
        return len(self._flags)

    def __dir__(self):
        return sorted(self._flags)

    def __delattr__(self, name):
        if name not in self._flags:
            raise AttributeError(name)
        del self._flags[name]

    def __call__(self, argv, known_only=False):
        """Read a command line; returns the program's name and what is no flag.

        `--name=value`, `--name value`, `-name value`; for booleans `--name` and `--noname`; after `--`
        nothing is a flag.  Raises UnrecognizedFlagError unless `known_only`.
        """
        rest, words = list(argv[:1]), list(argv[1:])
        while words:
            word = words.pop(0)
            if word == "--":
                rest.extend(words)
                break
            if not word.startswith("-") or word == "-":
                rest.append(word)
            elif not self._take(word, words):
                if not known_only:
                    raise UnrecognizedFlagError(
                        f"Unknown command line flag '{word.lstrip('-').partition('=')[0]}'"
                    )
                rest.append(word)
        self.__dict__["_parsed"] = True
        for flag in self._flags.values():
            if flag.required and flag.value is None and not known_only:
                raise IllegalFlagValueError(
                    f"flag --{flag.name}=None: Flag --{flag.name} must have a value other than None."
                )
        return rest

    def _take(self, word, words):
        """Use one word of the command line, and the next where it is the value; False for an unknown flag."""
        name, equals, text = word.lstrip("-").partition("=")
        flag = self._flags.get(name) or self._flags.get(name.replace("-", "_"))
        if flag is None:
            negated = self._flags.get(name[2:]) if name.startswith("no") else None
            if negated is None or not negated.is_bool or equals:
                return False
            negated.set_from_text(False)
        elif equals:
            flag.set_from_text(text)
        elif flag.is_bool:
            flag.set_from_text(True)
        elif words:
            flag.set_from_text(words.pop(0))
        else:
            raise Error(f"Missing value for flag --{flag.name}")
        return True

    def is_parsed(self):
        return self._parsed

    def mark_as_parsed(self):
        self.__dict__["_parsed"] = True

    def unparse_flags(self):
        self.__dict__["_parsed"] = False

    def _parse_flags(self, args=None):
        self(sys.argv if args is None else args, known_only=True)

    def flag_values_dict(self):
        """{name: value}"""
        return {name: flag.value for name, flag in self._flags.items()}

    def get_help(self):
        """The text that `--help` shows."""
        return "\n".join(
            f"  --{f.name}: {f.help}\n    (default: {f.default!r})" for _, f in sorted(self._flags.items())
        )


FLAGS = _FlagValues()


def _parse_bool(value):
    if isinstance(value, str):
        if value.lower() in ("true", "t", "1", "yes", "y"):
            return True
        if value.lower() in ("false", "f", "0", "no", "n"):
            return False
        raise ValueError(f"Non-boolean argument to boolean flag: {value!r}")
    return bool(value)


def _parse_int(value):
    if isinstance(value, str):
        return int(value, 0) if value.lower().lstrip("-").startswith(("0x", "0o", "0b")) else int(value)
    if value != int(value):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def _definer(parse, what, is_bool=False):
    def define(name, default=None, help=None, flag_values=FLAGS, required=False, **keywords):
        if "flag_name" in keywords:
            name = keywords["flag_name"]
        default = keywords.get("default_value", default)
        flag_values._define(_Flag(name, default, keywords.get("docstring", help), parse, is_bool, required))

    define.__doc__ = f"Define a flag whose value is {what}; `default` may be None."
    return define


DEFINE_string = _definer(str, "a string")
DEFINE_integer = _definer(_parse_int, "a whole number")
DEFINE_float = _definer(float, "a number")
DEFINE_boolean = DEFINE_bool = _definer(_parse_bool, "True or False", is_bool=True)


def _split(value):
    return [v.strip() for v in value.split(",")] if isinstance(value, str) else list(value)


DEFINE_list = _definer(_split, "a list of strings, separated by commas")
DEFINE_spaceseplist = _definer(
    lambda v: v.split() if isinstance(v, str) else list(v), "a list, separated by spaces"
)


def DEFINE_enum(name, default, enum_values, help=None, flag_values=FLAGS, **keywords):
    """Define a flag whose value is one of `enum_values`."""

    def parse(value):
        if value not in enum_values:
            raise ValueError(f"value should be one of <{'|'.join(enum_values)}>")
        return value

    flag_values._define(_Flag(name, default, help, parse))


def mark_flag_as_required(flag_name, flag_values=FLAGS):
    """tf.flags.mark_flag_as_required: the command line must give it."""
    flag_values[flag_name].required = True


def mark_flags_as_required(flag_names, flag_values=FLAGS):
    """tf.app.flags.mark_flags_as_required: each of these; see `mark_flag_as_required`."""
    for name in flag_names:
        mark_flag_as_required(name, flag_values)
