/* The nearest of some points, by squared distance. Python would be slow at this; C is not.
 *
 * Reads: the number of dimensions and of points, then a point, the spread in each dimension, and the points.
 * Writes: which of them is nearest, counted from 0, and its squared distance in units of the spread.
 */

#include <stdio.h>
#include <stdlib.h>

static double *numbers(int count)
{
    double *read = malloc(count * sizeof(double));
    for (int one = 0; read && one < count; one++)
        if (scanf("%lf", &read[one]) != 1)
            exit(2);
    return read ? read : (exit(3), read);
}

int main(void)
{
    int dimensions, count, best = -1;
    double least = 0;
    if (scanf("%d %d", &dimensions, &count) != 2 || dimensions < 1 || count < 1)
        return 2;
    double *point = numbers(dimensions), *spread = numbers(dimensions), *points = numbers(dimensions * count);
    for (int which = 0; which < count; which++) {
        double sum = 0;
        for (int one = 0; one < dimensions; one++) {
            double apart = (point[one] - points[which * dimensions + one]) / spread[one];
            sum += apart * apart;
        }
        if (best < 0 || sum < least) {
            best = which;
            least = sum;
        }
    }
    printf("%d %.17g\n", best, least);
    return 0;
}
