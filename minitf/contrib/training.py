"""tf.contrib.training: `HParams`."""

import json


class HParams:
    """tf.contrib.training.HParams: named settings of a model, as attributes.

    params = HParams(learning_rate=0.1, layers=[10, 20])
    params.parse("learning_rate=0.3,layers=[5]")
    """

    def __init__(self, **kwargs):
        self.__dict__["_values"] = {}
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name, value):
        """A new setting.  Raises ValueError where the name is taken."""
        if name in self._values or hasattr(type(self), name):
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        self._values[name] = value

    def set_hparam(self, name, value):
        """Change a setting; the value takes the type of the old one."""
        old = self._values[name]
        self._values[name] = value if old is None else _as_type(value, old, name)

    def del_hparam(self, name):
        self._values.pop(name, None)

    def get(self, key, default=None):
        return self._values.get(key, default)

    def values(self):
        """{name: value} of all settings."""
        return dict(self._values)

    def override_from_dict(self, values_dict):
        for name, value in values_dict.items():
            if name not in self._values:
                raise KeyError(f"{name} is not a hyperparameter")
            self.set_hparam(name, value)
        return self

    def parse(self, values):
        """Change settings by a text such as "rate=0.1,layers=[1,2]".  Raises ValueError for an unknown name."""
        for name, text in _assignments(values):
            if name not in self._values:
                raise ValueError(f"Unknown hyperparameter type for {name}")
            old = self._values[name]
            if isinstance(old, (list, tuple)):
                like = old[0] if old else ""
                parts = [p for p in text.strip("[]").split(",") if p]
                self._values[name] = [_as_type(p.strip(), like, name) for p in parts]
            else:
                self.set_hparam(name, text)
        return self

    def to_json(self, indent=None, separators=None, sort_keys=False):
        return json.dumps(self._values, indent=indent, separators=separators, sort_keys=sort_keys)

    def parse_json(self, values_json):
        return self.override_from_dict(json.loads(values_json))

    def __getattr__(self, name):
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"HParams has no setting {name!r}") from None

    def __setattr__(self, name, value):
        self._values[name] = value

    def __contains__(self, name):
        return name in self._values

    def __repr__(self):
        return f"HParams({', '.join(f'{k}={v!r}' for k, v in self._values.items())})"


def _as_type(value, like, name):
    if isinstance(like, bool) and isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0"):
            raise ValueError(f"Could not parse {value!r} as a bool for {name}")
        return value.lower() in ("true", "1")
    if isinstance(like, (list, tuple)):
        return list(value)
    try:
        return value if like is None else type(like)(value)
    except (TypeError, ValueError):
        raise ValueError(f"Could not cast hparam '{name}' from value {value!r}") from None


def _assignments(text):
    """The pairs (name, text of the value) of "a=1,b=[2,3]": commas in brackets do not separate."""
    depth, start, parts = 0, 0, []
    for i, character in enumerate(text):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    for part in parts:
        if part.strip():
            name, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"Could not parse {part!r}: expected name=value")
            yield name.strip(), value.strip()
